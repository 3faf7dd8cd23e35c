#!/usr/bin/env bash
# OpenCV 5.0.0.93, PyAV 18.1.0 and imageio-ffmpeg 0.8.1 read the same three small videos: of frames at uneven times, as telephones and
# screen recordings have them; turned by 90 degrees, as a telephone held upright writes it; and WebM written to a pipe, as browsers record.
#
# Guess:     the readers give the same frames, each of the same width and height; a length that the file lacks is said to be unknown.
# Behaviour: of thirty uneven frames imageio-ffmpeg gives 111, repeats among them, and itself says 30: a box that a model found in its
#            frame 60 is in no frame of the others. Two readers turn the picture, PyAV gives it as it lies, so that boxes have other places.
#            The number of frames of the WebM is negative in OpenCV and 0 in PyAV, though both then read them all.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check opencv-python-headless==5.0.0.93 av==18.1.0 imageio-ffmpeg==0.8.1 numpy==2.4.6
cd "$folder"
cat >frames.py <<'PYTHON'
import subprocess
import av, cv2, imageio_ffmpeg


def ffmpeg(*arguments):
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *arguments]
    return subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout


def opencv(name):
    video = cv2.VideoCapture(name)
    frames = []
    while True:
        more, frame = video.read()
        if not more:
            return video.get(cv2.CAP_PROP_FRAME_COUNT), frames
        frames.append(frame.shape[1::-1])


def pyav(name):
    with av.open(name) as video:
        return video.streams.video[0].frames, [frame.to_ndarray(format="bgr24").shape[1::-1] for frame in video.decode(video=0)]


def imageio(name):
    frames = imageio_ffmpeg.read_frames(name)
    size = next(frames)["size"]
    return imageio_ffmpeg.count_frames_and_secs(name)[0], [size for _ in frames]


source = ["-f", "lavfi", "-i", "testsrc=size=64x48:rate=30:duration=4"]
ffmpeg(*source, "-vf", "select='not(mod(n,10))+lt(n,20)'", "-fps_mode", "vfr", "uneven.mp4")
ffmpeg(*source, "even.mp4")
ffmpeg("-display_rotation", "90", "-i", "even.mp4", "-c", "copy", "turned.mp4")
with open("browser.webm", "wb") as file:
    file.write(ffmpeg(*source, "-f", "webm", "-"))
for name in ("uneven.mp4", "turned.mp4", "browser.webm"):
    print(name)
    for reader in (opencv, pyav, imageio):
        said, frames = reader(name)
        said = "a negative number" if said < 0 else int(said)
        print(f"  {reader.__name__}: says {said}, reads {len(frames)} frames of {frames[0][0]}x{frames[0][1]}")
PYTHON
seen=$(venv/bin/python -W ignore frames.py 2>notes.txt) || cat notes.txt >&2
expected='uneven.mp4
  opencv: says 30, reads 30 frames of 64x48
  pyav: says 30, reads 30 frames of 64x48
  imageio: says 30, reads 111 frames of 64x48
turned.mp4
  opencv: says 120, reads 120 frames of 48x64
  pyav: says 120, reads 120 frames of 64x48
  imageio: says 120, reads 120 frames of 48x64
browser.webm
  opencv: says a negative number, reads 120 frames of 64x48
  pyav: says 0, reads 120 frames of 64x48
  imageio: says 120, reads 120 frames of 64x48'

printf 'OpenCV 5.0.0.93, PyAV 18.1.0, imageio-ffmpeg 0.8.1\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
