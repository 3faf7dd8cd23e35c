"""In the place of PyTorch, which weighs gigabytes: TorchServe and its toolkit import it, and ask it only for a GPU."""

cuda = type("cuda", (), {"is_available": staticmethod(lambda: False), "device_count": staticmethod(lambda: 0)})
version = type("version", (), {"cuda": None, "hip": None})
