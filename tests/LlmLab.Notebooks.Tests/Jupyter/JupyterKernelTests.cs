using System.Text.Json.Nodes;

namespace LlmLab.Notebooks.Tests.Jupyter;

public sealed class JupyterKernelTests : IDisposable
{
    readonly WireClient client = new();

    public void Dispose() => client.Dispose();

    [Fact]
    public void KernelInfo_Asked_NamesProtocolAndLanguage()
    {
        var content = client.Ask("kernel_info_request", []).Content;
        Assert.Equal("5.4", (string?)content["protocol_version"]);
        Assert.Equal("C#", (string?)content["language_info"]!["name"]);
        Assert.Equal(".cs", (string?)content["language_info"]!["file_extension"]);
    }

    [Fact]
    public void Execute_Value_PublishesInputAndResultWithCount()
    {
        client.Execute("value 1");
        var (reply, outputs) = client.Execute("value 2");
        Assert.Equal("ok", (string?)reply.Content["status"]);
        Assert.Equal(2, (int)reply.Content["execution_count"]!);
        Assert.Equal(["execute_input", "execute_result"], outputs.Select(output => output.Type));
        Assert.Equal(2, (int)outputs[1].Content["execution_count"]!);
        Assert.Equal("2", (string?)outputs[1].Content["data"]!["text/plain"]);
    }

    [Fact]
    public void Execute_MixedOutput_KeepsOrder()
    {
        var (_, outputs) = client.Execute("mixed");
        Assert.Equal(
            ["stream:before", "display_data", "stream:warning", "stream:after", "update_display_data", "clear_output"],
            outputs[1..].Select(output => output.Type == "stream" ? "stream:" + output.Content["text"] : output.Type));
        Assert.Equal("stderr", (string?)outputs[3].Content["name"]);
        Assert.Equal("chart", (string?)outputs[2].Content["transient"]!["display_id"]);
    }

    [Fact]
    public void Execute_ManyLines_ArriveCompleteInFewMessages()
    {
        var (_, outputs) = client.Execute("lines 5000");
        var streams = outputs.Where(output => output.Type == "stream").ToList();
        Assert.Equal(string.Concat(Enumerable.Range(0, 5000).Select(i => i + "\n")), string.Concat(streams.Select(output => (string?)output.Content["text"])));
        Assert.InRange(streams.Count, 1, 200);
    }

    [Fact]
    public void Execute_ThreadOutlivesCell_ItsOutputHasItsOwnCellAsParent()
    {
        string first = client.Send("execute_request", new JsonObject { ["code"] = "late" });
        client.OutputsOf(first);
        string second = client.Send("execute_request", new JsonObject { ["code"] = "letlate" });
        var parents = new Dictionary<string, string>();
        while (parents.Count < 2)
        {
            var message = client.Published();
            if (message.Type == "stream") parents[(string)message.Content["text"]!] = message.ParentId;
        }
        Assert.Equal(first, parents["late"]);
        Assert.Equal(second, parents["mine"]);
    }

    [Fact]
    public void Execute_Silent_ShowsNothingAndCountsNothing()
    {
        string id = client.Send("execute_request", new JsonObject { ["code"] = "value 1", ["silent"] = true });
        Assert.Empty(client.OutputsOf(id));
        client.Reply();
        Assert.Equal(1, (int)client.Execute("value 1").Reply.Content["execution_count"]!);
    }

    [Fact]
    public void Execute_NotStored_LeavesCountAndHistory()
    {
        client.Ask("execute_request", new JsonObject { ["code"] = "value 1", ["store_history"] = false });
        client.Execute("value 2");
        var history = client.Ask("history_request", new JsonObject { ["hist_access_type"] = "tail", ["n"] = 10, ["output"] = true }).Content["history"]!;
        Assert.Equal("""[[1,1,["value 2","2"]]]""", history.ToJsonString());
    }

    [Fact]
    public void Execute_UserExpressions_AreEvaluatedEachWithItsOwnStatus()
    {
        var reply = client.Ask("execute_request", new JsonObject { ["code"] = "", ["user_expressions"] = new JsonObject { ["a"] = "x", ["b"] = "bad" } });
        var values = reply.Content["user_expressions"]!;
        Assert.Equal("x!", (string?)values["a"]!["data"]!["text/plain"]);
        Assert.Equal("ok", (string?)values["a"]!["status"]);
        Assert.Equal("error", (string?)values["b"]!["status"]);
        Assert.Equal("CompilationError", (string?)values["b"]!["ename"]);
    }

    [Fact]
    public void Execute_Failure_AbortsWhatWasQueuedButNotWhatComesLater()
    {
        client.Send("execute_request", new JsonObject { ["code"] = "wait" });
        client.Session.Waiting.Wait(TestContext.Current.CancellationToken);
        client.Send("execute_request", new JsonObject { ["code"] = "value 1" });
        client.Send("kernel_info_request", []);
        client.Send("interrupt_request", [], onControl: true);
        var replies = Enumerable.Range(0, 3).Select(_ => client.Reply()).ToList();
        Assert.Contains(replies, reply => reply.Type == "kernel_info_reply");
        Assert.Equal(["error", "aborted"], replies.Where(reply => reply.Type == "execute_reply").Select(reply => (string?)reply.Content["status"]));
        Assert.Equal("ok", (string?)client.Execute("value 2").Reply.Content["status"]);
        Assert.Equal(["wait", "value 2"], client.Session.Ran);
    }

    [Fact]
    public void Execute_FailureWithoutStopOnError_RunsWhatIsQueued()
    {
        client.Send("execute_request", new JsonObject { ["code"] = "wait", ["stop_on_error"] = false });
        client.Session.Waiting.Wait(TestContext.Current.CancellationToken);
        client.Send("execute_request", new JsonObject { ["code"] = "value 1" });
        client.Kernel.Interrupt();
        var error = client.Reply().Content;
        Assert.Equal("KeyboardInterrupt", (string?)error["ename"]);
        Assert.Equal("ok", (string?)client.Reply().Content["status"]);
    }

    [Fact]
    public void Execute_AsksForInput_QuestionGoesToTheClientAndAnswerToTheCell()
    {
        string id = client.Send("execute_request", new JsonObject { ["code"] = "ask", ["allow_stdin"] = true });
        var question = client.Question();
        Assert.Equal(("input_request", "Name? ", id), (question.Type, (string?)question.Content["prompt"], question.ParentId));
        Assert.False((bool)question.Content["password"]!);
        client.AnswerInput("Ada");
        Assert.Equal("Hello, Ada", (string?)client.OutputsOf(id).Last().Content["text"]);
    }

    [Fact]
    public void Execute_AsksForInputWithoutStdin_FailsWithReason()
    {
        var reply = client.Ask("execute_request", new JsonObject { ["code"] = "ask", ["allow_stdin"] = false });
        Assert.Equal("error", (string?)reply.Content["status"]);
        Assert.Contains("allow_stdin", (string?)reply.Content["evalue"]);
    }

    [Fact]
    public void Execute_InterruptedWhileAsking_Ends()
    {
        client.Send("execute_request", new JsonObject { ["code"] = "ask", ["allow_stdin"] = true });
        client.Question();
        client.Send("interrupt_request", [], onControl: true);
        Assert.Equal("interrupt_reply", client.Reply(onControl: true).Type);
        Assert.Equal("error", (string?)client.Reply().Content["status"]);
    }

    [Fact]
    public void Complete_AfterEmoji_CountsCodePoints()
    {
        // The emoji is one code point and two UTF-16 units.
        var content = client.Ask("complete_request", new JsonObject { ["code"] = "\"😀\".L", ["cursor_pos"] = 5 }).Content;
        Assert.Equal((4, 5), ((int)content["cursor_start"]!, (int)content["cursor_end"]!));
        Assert.Equal("Length", (string?)content["matches"]![0]);
        Assert.Equal("property", (string?)content["metadata"]!["_jupyter_types_experimental"]![0]!["type"]);
    }

    [Fact]
    public void Complete_WhileACellRuns_IsAnsweredAndTheKernelStaysBusy()
    {
        string cell = client.Send("execute_request", new JsonObject { ["code"] = "wait" });
        client.Session.Waiting.Wait(TestContext.Current.CancellationToken);
        string question = client.Send("complete_request", new JsonObject { ["code"] = "x.", ["cursor_pos"] = 2 });
        Assert.Equal(question, client.Reply().ParentId);
        client.Send("interrupt_request", [], onControl: true);
        Assert.Equal(cell, client.Reply().ParentId);
        // What front ends show: busy with the cell, the question's two, busy with the cell again, and idle at last.
        var states = new List<string>();
        while (states.LastOrDefault() != "cell idle")
        {
            var message = client.Published();
            if (message.Type != "status" || (message.ParentId != cell && message.ParentId != question)) continue;
            states.Add((message.ParentId == cell ? "cell " : "question ") + message.Content["execution_state"]);
        }
        Assert.Equal(["cell busy", "question busy", "question idle", "cell busy", "cell idle"], states);
    }

    [Fact]
    public void Inspect_DetailLevelOne_AddsTheValue()
    {
        var brief = client.Ask("inspect_request", new JsonObject { ["code"] = "known", ["cursor_pos"] = 2, ["detail_level"] = 0 }).Content;
        var full = client.Ask("inspect_request", new JsonObject { ["code"] = "known", ["cursor_pos"] = 2, ["detail_level"] = 1 }).Content;
        Assert.True((bool)brief["found"]!);
        Assert.Equal("int known at 2", (string?)brief["data"]!["text/plain"]);
        Assert.EndsWith("known = known!", (string?)full["data"]!["text/plain"]);
        Assert.False((bool)client.Ask("inspect_request", new JsonObject { ["code"] = "other", ["cursor_pos"] = 2 }).Content["found"]!);
    }

    [Fact]
    public void IsComplete_OpenBrace_AsksForMoreWithIndent()
    {
        var content = client.Ask("is_complete_request", new JsonObject { ["code"] = "if (x) {" }).Content;
        Assert.Equal(("incomplete", "    "), ((string?)content["status"], (string?)content["indent"]));
        Assert.Equal("complete", (string?)client.Ask("is_complete_request", new JsonObject { ["code"] = "1" }).Content["status"]);
    }

    [Theory]
    [InlineData("""{"hist_access_type":"range","session":0,"start":2,"stop":4}""", """[[1,2,"value b"],[1,3,"value a"]]""")]
    [InlineData("""{"hist_access_type":"tail","n":1}""", """[[1,3,"value a"]]""")]
    [InlineData("""{"hist_access_type":"search","pattern":"*a","n":5}""", """[[1,1,"value a"],[1,3,"value a"]]""")]
    [InlineData("""{"hist_access_type":"search","pattern":"*a","unique":true}""", """[[1,3,"value a"]]""")]
    [InlineData("""{"hist_access_type":"range","session":-1,"start":0,"stop":9}""", "[]")]
    public void History_AccessTypes_FindWhatTheSpecificationSays(string request, string expected)
    {
        foreach (string name in (string[])["a", "b", "a"]) client.Execute("value " + name);
        Assert.Equal(expected, client.Ask("history_request", JsonNode.Parse(request)!.AsObject()).Content["history"]!.ToJsonString());
    }

    [Fact]
    public void CommOpen_UnknownTarget_IsClosed()
    {
        string id = client.Send("comm_open", new JsonObject { ["comm_id"] = "7", ["target_name"] = "jupyter.widget", ["data"] = new JsonObject() });
        var close = Assert.Single(client.OutputsOf(id));
        Assert.Equal(("comm_close", "7"), (close.Type, (string?)close.Content["comm_id"]));
        Assert.Equal("{}", client.Ask("comm_info_request", []).Content["comms"]!.ToJsonString());
    }

    [Theory]
    [InlineData("debug_request", "success", false)]
    [InlineData("connect_request", "status", "ok")]
    [InlineData("nonsense_request", "status", "error")]
    public void OtherRequests_GetTheirReply(string type, string field, object expected)
    {
        client.Send(type, new JsonObject { ["command"] = "initialize", ["seq"] = 4 }, onControl: true);
        var reply = client.Reply(onControl: true);
        Assert.Equal(type.Replace("request", "reply"), reply.Type);
        Assert.Equal(expected.ToString(), reply.Content[field]!.ToString(), ignoreCase: true);
    }

    [Fact]
    public void Heartbeat_Payload_ComesBack() => Assert.Equal("ping"u8.ToArray(), client.Beat("ping"u8.ToArray()));

    [Fact]
    public void WrongSignature_IsDropped()
    {
        client.Send("execute_request", new JsonObject { ["code"] = "value 1" }, signature: new string('0', 64));
        Assert.Equal("kernel_info_reply", client.Ask("kernel_info_request", []).Type);
        Assert.Empty(client.Session.Ran);
        Assert.Contains("signature is wrong", Assert.Single(client.Log));
    }

    [Fact]
    public void ReplayedMessage_IsDropped()
    {
        for (int i = 0; i < 2; i++) client.Send("execute_request", new JsonObject { ["code"] = "value 1" }, id: "same");
        client.Reply();
        Assert.Equal("kernel_info_reply", client.Ask("kernel_info_request", []).Type);
        Assert.Single(client.Session.Ran);
    }

    [Fact]
    public void EmptyKey_NeedsNoSignature()
    {
        using var open = new WireClient(key: "");
        Assert.Equal("ok", (string?)open.Execute("value 1").Reply.Content["status"]);
    }

    [Fact]
    public async Task Shutdown_Restart_RepliesOnControlAndEnds()
    {
        client.Send("shutdown_request", new JsonObject { ["restart"] = true }, onControl: true);
        var reply = client.Reply(onControl: true);
        Assert.True((bool)reply.Content["restart"]!);
        await client.Kernel.Completion.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }
}
