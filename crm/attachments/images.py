"""Photos are decoded and written anew: smaller, upright, and without what the camera noted about place and owner."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from typing import IO

from django.utils.translation import gettext as _
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from crm.attachments.checks import RefusedUpload

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF")
LONGEST_SIDE = 2560
THUMBNAIL_SIDE = 320
# A small file can unfold to gigabytes. A plain JPEG is decoded at a fraction of its size, everything else whole.
MOST_PIXELS = 50_000_000
MOST_PIXELS_PLAIN_JPEG = 170_000_000


@dataclass(frozen=True)
class Photo:
    content: bytes
    thumbnail: bytes
    content_type: str
    ending: str


def redraw(upload: IO[bytes]) -> Photo:
    """The picture in `upload` as it is kept, with its thumbnail (always JPEG); RefusedUpload where it is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(upload, formats=FORMATS) as image:
                return _redraw(image)
    except Image.DecompressionBombError as error:
        raise RefusedUpload(_too_large()) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        # A full disk is an OSError too, but nothing is written here.
        raise RefusedUpload(_("The picture is damaged, or is none.")) from error


def _redraw(image: Image.Image) -> Photo:
    plain_jpeg = image.format == "JPEG" and not image.info.get("progressive")
    if image.width * image.height > (MOST_PIXELS_PLAIN_JPEG if plain_jpeg else MOST_PIXELS):
        raise RefusedUpload(_too_large())
    drawn = image.format in ("PNG", "GIF")
    image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    image.load()
    picture = ImageOps.exif_transpose(image)
    picture = _in_common_colours(picture)
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    transparent = picture.mode == "RGBA"
    small = picture.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
    thumbnail = _written(_on_white(small), "JPEG")
    if drawn or transparent:
        # Screenshots and drawings keep their sharp edges.
        return Photo(_written(picture, "PNG"), thumbnail, "image/png", ".png")
    return Photo(_written(picture, "JPEG"), thumbnail, "image/jpeg", ".jpg")


def _too_large() -> str:
    return _("The picture has too many pixels: at most %(most)s million are taken.") % {
        "most": MOST_PIXELS // 1_000_000
    }


def _in_common_colours(image: Image.Image) -> Image.Image:
    """RGB or RGBA in sRGB: whatever profile the file brought is applied and left behind."""
    profile = image.info.get("icc_profile")
    see_through = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    if profile and image.mode in ("RGB", "RGBA", "CMYK", "L"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            mode = "RGBA" if image.mode == "RGBA" else "RGB"
            converted = ImageCms.profileToProfile(
                image, source, ImageCms.createProfile("sRGB"), outputMode=mode
            )
            if converted is not None:
                return _bare(converted)
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # A broken profile costs a tint, not the picture.
    if image.mode.startswith("I;16") or image.mode == "I":
        image = image.point(lambda value: value / 257).convert("L")
    return _bare(image.convert("RGBA" if see_through else "RGB"))


def _bare(image: Image.Image) -> Image.Image:
    """The pixels without what the file said about them."""
    image.info = {}
    image.getexif().clear()
    return image


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image
    ground = Image.new("RGB", image.size, "white")
    ground.paste(image, mask=image.getchannel("A"))
    return ground


def _written(image: Image.Image, kind: str) -> bytes:
    buffer = io.BytesIO()
    if kind == "JPEG":
        image.save(buffer, "JPEG", quality=86, optimize=True, progressive=True)
    else:
        image.save(buffer, "PNG", optimize=False)
    return buffer.getvalue()
