"""
Starts one model server as its image does: `launch.py STACK WORK`, port from SAGEMAKER_BIND_TO_PORT.

AWS's toolkits think that they are alone on the machine. What that would cost a developer's machine is put elsewhere,
and nothing else is changed: their file in /etc goes to a folder in WORK, /opt/ml too, and each sees only its own server
in the list of processes.
"""

import os
import shutil
import sys
import tempfile

here = os.path.dirname(os.path.abspath(__file__))


def main(stack, work):
    os.makedirs(work, exist_ok=True)
    # TMPDIR keeps the servers' process id files apart, and marks the processes of this one.
    os.environ["TMPDIR"] = folder = tempfile.mkdtemp(dir=work)
    tempfile.tempdir = None
    os.environ["PATH"] = os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]
    os.environ["PYTHONPATH"] = os.pathsep.join([here] + os.environ.get("PYTHONPATH", "").split(os.pathsep))
    sys.path.insert(0, here)
    os.chdir(folder)
    starts = {
        "mms-hf": hugging_face,
        "mms": multi_model_server,
        "torchserve": torchserve,
        "djl": djl,
        "mlflow": mlflow,
        "gunicorn": gunicorn,
        "uvicorn": uvicorn,
    }
    starts[stack](folder)


def model_folder(folder):
    """Lays a model out as SageMaker unpacks an artifact."""
    os.environ["SAGEMAKER_BASE_DIR"] = folder
    code = os.path.join(folder, "model", "code")
    os.makedirs(code)
    shutil.copy(os.path.join(here, "inference.py"), code)


def alone(folder, *modules):
    """Takes the toolkits' assumptions about the machine back."""
    import psutil

    processes = psutil.process_iter

    def own(*args, **kwargs):
        for process in processes(*args, **kwargs):
            try:
                if process.environ().get("TMPDIR") == folder:
                    yield process
            except psutil.Error:
                pass  # Another user's, or gone.

    psutil.process_iter = own
    for module in modules:
        for name in ("MMS_CONFIG_FILE", "TS_CONFIG_FILE"):
            if hasattr(module, name):
                setattr(module, name, os.path.join(folder, "server.properties"))


def multi_model_server(folder):
    model_folder(folder)
    from sagemaker_inference import model_server

    alone(folder, model_server)
    model_server.start_model_server()


def hugging_face(folder):
    import hub

    model_folder(folder)
    # Read when the library is imported.
    os.environ["HF_ENDPOINT"] = hub.serve(os.path.join(folder, "model"))
    from sagemaker_huggingface_inference_toolkit import mms_model_server, serving, transformers_utils
    from sagemaker_inference import model_server

    alone(folder, model_server, mms_model_server)
    # Neither PyTorch nor TensorFlow is installed; the image has the first.
    transformers_utils._get_framework = lambda: "pytorch"
    serving.main()


def torchserve(folder):
    model_folder(folder)
    stubs = os.path.join(here, "stubs")
    os.environ["PYTHONPATH"] += os.pathsep + stubs
    sys.path.append(stubs)
    from sagemaker_pytorch_serving_container import serving, torchserve

    alone(folder, torchserve)
    serving.main()


def djl(folder):
    store = os.path.join(folder, "model")
    os.makedirs(store)
    shutil.copy(os.path.join(here, "djl_model.py"), os.path.join(store, "model.py"))
    address = f"http://127.0.0.1:{os.environ['SAGEMAKER_BIND_TO_PORT']}"
    write(os.path.join(store, "serving.properties"), "engine=Python\n")
    properties = os.path.join(folder, "config.properties")
    # As in the image, but for the port.
    write(properties, f"inference_address={address}\nmanagement_address={address}\nmodel_store={store}\nload_models=ALL\n")
    binaries = os.path.join(os.environ["DJL_SERVING_HOME"], "bin")
    command = next(os.path.join(binaries, name) for name in ("djl-serving", "serving") if os.path.exists(os.path.join(binaries, name)))
    run(command, "--config-file", properties)


def write(file, text):
    with open(file, "w") as stream:
        stream.write(text)


def mlflow(folder):
    model = os.path.join(folder, "model")
    import mlflow.pyfunc

    mlflow.pyfunc.save_model(model, python_model=os.path.join(here, "mlflow_model.py"), pip_requirements=[])
    port = os.environ["SAGEMAKER_BIND_TO_PORT"]
    workers = os.environ.get("BEHAVIOUR_WORKERS", "1")
    run("mlflow", "models", "serve", "--model-uri", model, "--env-manager", "local", "--host", "127.0.0.1", "--port", port, "--workers", workers)


def gunicorn(folder):
    run("gunicorn", "--bind", f"127.0.0.1:{os.environ['SAGEMAKER_BIND_TO_PORT']}", "wsgi:application")


def uvicorn(folder):
    run("uvicorn", "--host", "127.0.0.1", "--port", os.environ["SAGEMAKER_BIND_TO_PORT"], "asgi:application")


def run(command, *arguments):
    os.execvp(command, [command, *arguments])


if __name__ == "__main__":
    main(*sys.argv[1:])
