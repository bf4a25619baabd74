namespace LlmLab.Notebooks.Tests.CSharp;

public sealed class CSharpStateTests
{
    public static TheoryData<string, string[], object?> Sessions => new()
    {
        { "trailing expression", ["1 + 1"], 2 },
        { "trailing semicolon shows nothing", ["1.ToString();"], null },
        { "state across cells", ["var x = 20;", "x + 1"], 21 },
        { "assignment in a later cell", ["var x = 1;", "x = 5;", "x"], 5 },
        { "several variables of one type", ["int a = 1, b, c = 3;", "a + b + c"], 4 },
        { "array initializer", ["int[] xs = { 1, 2, 3 };", "xs.Sum()"], 6 },
        { "target-typed new and collection expressions", ["List<int> xs = new() { 1 }; int[] ys = [2, 3];", "xs[0] + ys.Sum()"], 6 },
        { "redeclared with another type", ["var x = 1;", "var x = \"text\";", "x.Length"], 4 },
        { "redeclared beside another variable of the first cell", ["var x = 1; var y = 10;", "var x = \"text\";", "x.Length + y"], 14 },
        { "top-level await", ["await Task.Delay(1); var x = await Task.FromResult(7);", "x"], 7 },
        { "trailing await", ["await Task.FromResult(7)"], 7 },
        { "trailing await without value", ["await Task.CompletedTask"], null },
        { "trailing call without value", ["Console.Write(\"\")"], null },
        { "functions", ["int Twice(int n) => 2 * n;", "Twice(4)"], 8 },
        { "functions see variables of their cell and change them", ["var n = 1; void Add() { n++; } Add();", "Add(); n"], 3 },
        { "redeclared function", ["int F() => 1;", "int F() => 2;", "F()"], 2 },
        { "overloads", ["int F(int a) => 1; int F(string a) => 2;", "F(1) + F(\"\")"], 3 },
        { "generic function", ["T First<T>(IEnumerable<T> xs) => xs.First();", "First(new[] { 3, 4 })"], 3 },
        { "record", ["record Point(int X, int Y);", "var p = new Point(1, 2);", "(p with { X = 5 }).X + p.Y"], 7 },
        { "variable of a cell's type, the type not mentioned", ["record Point(int X, int Y);", "var p = new Point(1, 2);", "p.X"], 1 },
        { "class, enum, interface", ["interface IShape { double Area { get; } } enum Kind { A, B } class Square(double side) : IShape { public double Area => side * side; public Kind Kind = Kind.B; }", "IShape s = new Square(3);", "s.Area + (int)((Square)s).Kind"], 10.0 },
        { "class sees variables", ["var rate = 2; class C { public int F(int n) => rate * n; }", "rate = 3; new C().F(5)"], 15 },
        { "redeclared class", ["class C { public int F() => 1; }", "class C { public int F() => 2; }", "new C().F()"], 2 },
        { "a cell's class hides an imported one", ["class Path { public int Length => 9; }", "new Path().Length"], 9 },
        { "extension class", ["public static class E { public static int Twice(this int n) => 2 * n; }", "4.Twice()"], 8 },
        { "extension function", ["static int Twice(this int n) => 2 * n;", "4.Twice()"], 8 },
        { "extension block", ["static class E { extension(string text) { public int Half => text.Length / 2; } }", "\"abcd\".Half"], 2 },
        { "generic class", ["class Box<T> { public T Value; }", "new Box<int> { Value = 3 }.Value"], 3 },
        { "private members and types", ["private int f = 3; internal class K { public int V = 1; }", "f + new K().V"], 4 },
        { "usings persist", ["using System.Globalization;", "CultureInfo.InvariantCulture.Name"], "" },
        { "static using and alias persist", ["using static System.Math; using Numbers = System.Collections.Generic.List<int>;", "Max(new Numbers { 1 }[0], 3)"], 3 },
        { "alias redeclared", ["using A = System.Int32;", "using A = System.String;", "typeof(A).Name"], "String" },
        { "using declaration", ["using var s = new MemoryStream(); s.WriteByte(1); var n = s.Length;", "n"], 1L },
        { "deconstruction", ["var (a, (b, _)) = (1, (2, 3));", "(int c, var d) = (4, 5);", "a + b + c + d"], 12 },
        { "out variables", ["int.TryParse(\"12\", out var n); int.TryParse(\"3\", out int m);", "n + m"], 15 },
        { "pattern variables", ["object o = \"text\"; if (o is string s && s.Length > 2) Console.Write(s);", "s.Length"], 4 },
        { "negated pattern variables", ["object o = 5; if (o is not int k) throw new Exception(); var k2 = k + 1;", "k + k2"], 11 },
        { "property patterns", ["var ok = DateTime.UnixEpoch is { Year: var y, Month: 1 };", "y"], 1970 },
        { "tuples with names", ["var t = (Name: \"a\", Count: 2);", "t.Name + t.Count"], "a2" },
        { "lambdas", ["Func<int, int> f = n => n + 1; var g = (int a, int b) => a * b;", "f(g(2, 3))"], 7 },
        { "closures over variables", ["var n = 1; Action add = () => n += 2; add();", "add(); n"], 5 },
        { "iterator", ["IEnumerable<int> Up(int n) { for (var i = 0; i < n; i++) yield return i; }", "Up(4).Sum()"], 6 },
        { "async function", ["async Task<int> F(int n) { await Task.Yield(); return n; } async Task G() => await Task.Yield();", "await G(); await F(3)"], 3 },
        { "async lambda", ["Func<Task> f = async () => await Task.Yield(); Func<Task<int>> g = async () => await Task.FromResult(2);", "await f(); await g()"], 2 },
        { "anonymous types live on", ["var xs = new[] { 1, 2 }; var rows = xs.Select(x => new { A = x, Text = $\"{x}\", }).ToList();", "rows.Select(r => r.A + r.Text.Length).Sum()"], 5 },
        { "anonymous types of one shape are one type", ["var rows = new[] { new { A = 1 } }.ToList();", "rows.Add(new { A = 2 }); rows[1].Equals(new { A = 2 })"], true },
        { "anonymous type's text", ["new { A = 1, B = \"b\" }.ToString()"], "{ A = 1, B = b }" },
        { "join on anonymous keys", ["(from a in new[] { 1, 2 } join b in new[] { 2, 3 } on new { K = a } equals new { K = b } select new { a, b }).Single().b"], 2 },
        { "dynamic", ["dynamic d = 3;", "d + 1"], 4 },
        { "span locals", ["Span<int> s = stackalloc int[3]; s[1] = 4; var sum = 0; foreach (var v in s) sum += v;", "sum"], 4 },
        { "ref locals", ["var xs = new[] { 1, 2 }; ref int r = ref xs[1]; r = 9;", "xs[1]"], 9 },
        { "raw strings", ["var text = \"\"\"\n    one\n      two\n    \"\"\";", "text"], "one\n  two" },
        { "interpolation over lines", ["var n = 2; $\"{\n  n + 1\n}\""], "3" },
        { "nullable annotations", ["string? s = null; List<string?> xs = [null];", "s ?? xs.Count.ToString()"], "1" },
        { "local functions and nested blocks", ["var total = 0; { int Local(int n) => n + 1; total = Local(2); }", "total"], 3 },
        { "constants", ["const int N = 3;", "var xs = new int[N]; xs.Length"], 3 },
        { "properties", ["int P => 4; int Q { get; set; } = 5;", "Q++; P + Q"], 10 },
        { "events and delegates", ["delegate int Op(int n); Op op = n => n * 2;", "op(4)"], 8 },
        { "expression trees stay trees", ["System.Linq.Expressions.Expression<Func<int, int>> e = n => n + 1;", "e.Body.ToString() + e.Compile()(2)"], "(n + 1)3" },
        { "switch expressions", ["object o = 3; o switch { int n when n > 2 => \"big\", _ => \"small\" }"], "big" },
        { "return in the middle", ["var x = 1; if (x == 1) return \"early\"; x = 2;", "x"], 1 },
        { "return without value", ["if (true) return; ", "3"], 3 },
        { "goto", ["var i = 0; again: if (++i < 3) goto again;", "i"], 3 },
        { "keywords as names", ["var @class = 3;", "@class + 1"], 4 },
        { "comments and regions", ["// one\n#region r\nvar x = 1; /* two */\n#endregion\n", "x"], 1 },
        { "unsafe code", ["int n = 3; unsafe { int v = 1; int* p = &v; n += *p; }", "n"], 4 },
        { "throwing lambdas", ["Func<int> f = () => throw new InvalidOperationException(); Action g = () => throw new InvalidOperationException(); var n = 0; try { f(); } catch (InvalidOperationException) { n++; } try { g(); } catch (InvalidOperationException) { n++; }", "n"], 2 },
        { "lambdas to overloads", ["var n = await Task.Run(() => 3); await Task.Run(() => Console.Write(\"\"));", "n"], 3 },
        { "query expressions", ["var q = from a in new[] { 3, 1, 2 } where a > 1 orderby a select a * 10;", "q.First()"], 20 },
        { "list patterns and ranges", ["int[] xs = [1, 2, 3]; xs is [var first, .., var last]", "xs[^1] + xs[..2].Length"], 5 },
        { "parallel loops", ["var sum = 0L; Parallel.For(0, 1000, i => Interlocked.Add(ref sum, i));", "sum"], 499500L },
        { "blocking on an own async method does not deadlock", ["async Task<int> F() { await Task.Delay(20); await Task.Yield(); return 4; }", "F().Result + F().GetAwaiter().GetResult()"], 8 },
    };

    [Theory]
    [MemberData(nameof(Sessions))]
    public async Task Cells_InOneSession_ShareState(string what, string[] cells, object? expected)
    {
        Assert.NotEmpty(what);
        await using var session = new Cells();
        Assert.Equal(expected, await session.Values(cells));
    }
}
