#!/usr/bin/env bash
# pypdf 7.1.1, pdfplumber 0.11.10, pypdfium2 5.15.2 and PyMuPDF 2.0 read one page with one word, as it is, turned by 90 degrees as scanners
# write it, cropped, and with a unit of two points: the page's size and the word's box, beside the picture that a model is given.
#
# Guess:     the four give one size, that of the picture at one point a pixel, and a box that lies on the word in that picture.
# Behaviour: on a turned page PyMuPDF gives the turned size and the box of the page before it was turned, as pypdfium2 does; only
#            pdfplumber turns both. On a cropped page pdfplumber gives the size and the box of the whole page, pypdfium2 the cropped size and
#            the whole page's box. Only PyMuPDF knows the unit, and its picture is twice as large as pypdfium2's.
# Output:    see `expected` below. Boxes are left, top, right, bottom, with pypdfium2's turned to have the top first.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  pypdf==7.1.1 pdfplumber==0.11.10 pypdfium2==5.15.2 PyMuPDF==2.0 reportlab==5.1.0 pillow
cd "$folder"
cat >boxes.py <<'PYTHON'
import io
import pdfplumber
import pymupdf
import pypdf
import pypdfium2
from pypdf.generic import NameObject, NumberObject, RectangleObject
from reportlab.pdfgen import canvas


def page(turn=0, crop=None, unit=1):
    drawn = io.BytesIO()
    sheet = canvas.Canvas(drawn, pagesize=(600, 800))
    sheet.drawString(100, 700, "INVOICE")
    sheet.save()
    writer = pypdf.PdfWriter()
    made = writer.add_page(pypdf.PdfReader(drawn).pages[0])
    made.rotate(turn)
    if crop:
        made.cropbox = RectangleObject(crop)
    if unit != 1:
        made[NameObject("/UserUnit")] = NumberObject(unit)
    writer.write("page.pdf")


def numbers(values):
    return [round(value) for value in values]


def show(name):
    print(name)
    read = pypdf.PdfReader("page.pdf").pages[0]
    print(f"  pypdf: size {numbers(read.cropbox[2:])} less {numbers(read.cropbox[:2])}, to turn by {read.rotation}, unit {read.user_unit}")
    with pdfplumber.open("page.pdf") as file:
        read = file.pages[0]
        (word,) = read.extract_words()
        box = numbers(word[side] for side in ("x0", "top", "x1", "bottom"))
        print(f"  pdfplumber: size {numbers((read.width, read.height))}, box {box}")
    read = pypdfium2.PdfDocument("page.pdf")[0]
    text = read.get_textpage()
    text.count_rects()
    left, bottom, right, top = text.get_rect(0)
    box = numbers((left, 800 - top, right, 800 - bottom))
    print(f"  pypdfium2: size {numbers(read.get_size())}, box {box}, picture {list(read.render(scale=1).to_pil().size)}")
    read = pymupdf.open("page.pdf")[0]
    picture = read.get_pixmap()
    print(f"  PyMuPDF: size {numbers(read.rect[2:])}, box {numbers(read.get_text('words')[0][:4])}, picture {[picture.width, picture.height]}")


page()
show("as it is")
page(turn=90)
show("turned by 90")
page(crop=(50, 100, 550, 750))
show("cropped")
page(unit=2)
show("unit of two points")
PYTHON
seen=$(venv/bin/python -W ignore boxes.py)
expected='as it is
  pypdf: size [600, 800] less [0, 0], to turn by 0, unit 1
  pdfplumber: size [600, 800], box [100, 90, 149, 102]
  pypdfium2: size [600, 800], box [101, 91, 148, 100], picture [600, 800]
  PyMuPDF: size [600, 800], box [100, 87, 149, 104], picture [600, 800]
turned by 90
  pypdf: size [600, 800] less [0, 0], to turn by 90, unit 1
  pdfplumber: size [800, 600], box [698, 100, 710, 149]
  pypdfium2: size [800, 600], box [101, 91, 148, 100], picture [800, 600]
  PyMuPDF: size [800, 600], box [100, 87, 149, 104], picture [800, 600]
cropped
  pypdf: size [550, 750] less [50, 100], to turn by 0, unit 1
  pdfplumber: size [600, 800], box [100, 90, 149, 102]
  pypdfium2: size [500, 650], box [101, 91, 148, 100], picture [500, 650]
  PyMuPDF: size [500, 650], box [50, 37, 99, 54], picture [500, 650]
unit of two points
  pypdf: size [600, 800] less [0, 0], to turn by 0, unit 2
  pdfplumber: size [600, 800], box [100, 90, 149, 102]
  pypdfium2: size [600, 800], box [101, 91, 148, 100], picture [600, 800]
  PyMuPDF: size [1200, 1600], box [200, 174, 299, 207], picture [1200, 1600]'

printf 'pypdf 7.1.1, pdfplumber 0.11.10, pypdfium2 5.15.2, PyMuPDF 2.0\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
