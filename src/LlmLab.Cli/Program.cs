LlmLab.Interop.LibTorch.Load();
Console.WriteLine(TorchSharp.torch.arange(3).sum().item<long>() + " " + LlmLab.Interop.LibTorch.Folder);
