"""Jupyter's own test suite for kernels (jupyter_kernel_test), run against the installed kernel "llmlab".

Every test of the suite is on but the pager's: that payload is deprecated, and inspection answers by inspect_reply.
"""

import sys
import unittest

import jupyter_kernel_test


class LlmLabKernelTests(jupyter_kernel_test.KernelTests):
    kernel_name = "llmlab"
    language_name = "C#"
    file_extension = ".cs"

    code_hello_world = 'Console.WriteLine("hello, world")'
    code_stderr = 'Console.Error.WriteLine("careful")'
    code_generate_error = 'throw new InvalidOperationException("as meant")'
    code_clear_output = 'Console.WriteLine("gone"); ClearOutput(false);'

    completion_samples = [
        {"text": "Console.WriteL", "matches": {"WriteLine"}},
        {"text": "System.Text.StringBuil", "matches": {"StringBuilder"}},
        {"text": '"abc".Substr', "matches": {"Substring"}},
    ]
    complete_code_samples = ["1 + 1", "var x = 3;", "int Twice(int n) => 2 * n;", "foreach (var i in new[] { 1 }) { }"]
    incomplete_code_samples = ["if (true) {", "int Twice(int n)\n{", "Math.Max(1,", "/* a comment"]
    invalid_code_samples = ["int 1x = 2;", "var = = 3;", "1 + ) 2;"]

    code_execute_result = [
        {"code": "6 * 7", "result": "42"},
        {"code": "1 + 2", "result": "3"},
        {"code": '"a" + "b"', "result": "ab"},
        {"code": "6 * 7 + 0", "result": "42"},
    ]
    code_display_data = [
        {"code": 'display("<b>bold</b>", "text/html");', "mime": "text/html"},
        {"code": '42.Display();', "mime": "text/plain"},
        {"code": '#!markdown\n**bold**', "mime": "text/markdown"},
    ]

    code_history_pattern = "1 ? 2*"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "Console.WriteLine"


class Results(unittest.TextTestResult):
    passed = 0

    def addSuccess(self, test):
        super().addSuccess(test)
        Results.passed += 1


if __name__ == "__main__":
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(LlmLabKernelTests)
    result = unittest.TextTestRunner(sys.stdout, verbosity=2, resultclass=Results).run(suite)
    wrong = len(result.failures) + len(result.errors)
    # A skipped test is one whose sample is missing above; the pager's is the only one meant.
    wrong += sum(1 for test, _ in result.skipped if "pager" not in str(test))
    print(f"{Results.passed} passed, {wrong} failed")
    sys.exit(wrong > 0)
