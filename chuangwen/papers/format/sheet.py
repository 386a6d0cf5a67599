"""The built-in templates' package: styles, settings, fonts, page numbers, as the XML parts of a .docx.

Every look is in a style with a Chinese name (公文标题, 公文正文 …), so that an office changes it in Word or WPS in one place.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Final

from chuangwen.papers.format.measures import (
    CHAR_SPACE,
    CHARACTER,
    FANGSONG,
    FREE,
    HEI,
    KAI,
    LETTER_FOOT,
    LETTER_TOP,
    LINE,
    MARGINS,
    PAPER,
    RED,
    SONG,
    SONG_TITLE,
    SPACING,
    twips,
)  # fmt: skip

NS: Final = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
XML: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
WORD: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml"
RELATION: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#: A zip keeps no date before 1980; one date for every member makes equal papers equal files.
ZIP_DATE: Final = (1980, 1, 1, 0, 0, 0)


def fonts(name: str) -> str:
    return (
        f'<w:rFonts w:ascii="{name}" w:hAnsi="{name}" w:eastAsia="{name}" w:cs="{name}" w:hint="eastAsia"/>'
    )


def chars(count: float) -> int:
    """So many characters of size 3 on the grid, in twips."""
    return round(count * CHARACTER * 20)


def indent(*, left: float = 0, right: float = 0, first: float = 0, hanging: float = 0) -> str:
    """`w:ind` in characters, with the same in twips for programs that know no characters."""
    given = {"left": left, "right": right, "firstLine": first, "hanging": hanging}
    parts = [f'w:{name}Chars="{round(n * 100)}" w:{name}="{chars(n)}"' for name, n in given.items() if n]
    return f"<w:ind {' '.join(parts)}/>" if parts else ""


def line(height: int = LINE, before: int = 0, after: int = 0) -> str:
    return f'<w:spacing w:before="{before}" w:after="{after}" w:line="{height}" w:lineRule="exact"/>'


def _style(key: str, name: str, *, para: str = "", font: str = "", size: float = 0, more: str = "") -> str:
    run = (fonts(font) if font else "") + more
    run += f'<w:sz w:val="{round(size * 2)}"/><w:szCs w:val="{round(size * 2)}"/>' if size else ""
    return (
        f'<w:style w:type="paragraph" w:customStyle="1" w:styleId="{key}"><w:name w:val="{name}"/>'
        f'<w:basedOn w:val="Normal"/><w:qFormat/><w:pPr>{para}</w:pPr><w:rPr>{run}</w:rPr></w:style>'
    )


def _rule(style: str, eighths: int, side: str = "bottom", space: int = 7, colour: str = RED) -> str:
    return (
        f'<w:pBdr><w:{side} w:val="{style}" w:sz="{eighths}" w:space="{space}" w:color="{colour}"/></w:pBdr>'
    )


_BOTH, _CENTRE, _LEFT, _RIGHT = (f'<w:jc w:val="{side}"/>' for side in ("both", "center", "left", "right"))
_KEPT: Final = "<w:keepNext/>"
_RED: Final = f'<w:color w:val="{RED}"/>'
#: From both edges of the text area to the ends of a rule of 170 mm centred on the paper.
_WIDE: Final = f'<w:ind w:left="{-twips(8)}" w:right="{-twips(6)}"/>'


def _tab(count: float) -> str:
    return f'<w:tabs><w:tab w:val="left" w:pos="{chars(count)}"/></w:tabs>'


def _right_tab(count: float) -> str:
    return f'<w:tabs><w:tab w:val="right" w:pos="{chars(count)}"/></w:tabs>'


def _paragraph_styles() -> str:
    body = indent(first=2)
    made = [
        _style("PaperCorner", "公文份号", para=_LEFT),
        _style("PaperUrgency", "公文紧急程度", para=_LEFT, font=HEI[0]),
        _style("PaperMark", "公文标志", para=line(1144, before=820) + _CENTRE, font=SONG_TITLE[0], more=_RED, size=52),
        _style("PaperLetterMark", "信函标志", para=line(880) + _CENTRE, font=SONG_TITLE[0], more=_RED, size=40),
        _style("PaperLetterRule", "信函红线", para=_rule("thickThinSmallGap", 24, space=1) + line(120) + _WIDE),
        _style("PaperLetterFoot", "信函底线", para=_rule("thinThickSmallGap", 24, space=1) + line(120) + _WIDE),
        _style("PaperNumber", "公文字号", para=_rule("single", 12) + _CENTRE),
        _style("PaperMinutesNumber", "纪要期号", para=_CENTRE),
        _style("PaperUpward", "上行文字号", para=_rule("single", 12) + _right_tab(27) + _LEFT),
        _style("PaperLetterNumber", "信函字号", para=_right_tab(28) + line(before=86) + _LEFT),
        _style("PaperIssuer", "纪要机关", para=_rule("single", 12) + _right_tab(28) + _LEFT),
        _style("PaperTitle", "公文标题", para=_KEPT + "<w:keepLines/>" + line() + _CENTRE,
               font=SONG_TITLE[0], size=22),
        _style("PaperTo", "公文主送", para=_LEFT),
        _style("PaperBody", "公文正文", para=body + _BOTH),
        _style("PaperLevel1", "公文一级标题", para=_KEPT + body + _BOTH, font=HEI[0]),
        _style("PaperLevel2", "公文二级标题", para=body + _BOTH, font=KAI[0]),
        _style("PaperLevel3", "公文三级标题", para=body + _BOTH),
        _style("PaperLevel4", "公文四级标题", para=body + _BOTH),
        _style("PaperNoted", "附件说明", para=indent(left=5, hanging=3) + _LEFT),
        _style("PaperNotedFirst", "附件说明首条", para=_tab(6.25) + indent(left=6.25, hanging=4.25) + _LEFT),
        _style("PaperNotedNext", "附件说明续条", para=_tab(6.25) + indent(left=6.25, hanging=1.25) + _LEFT),
        _style("PaperSignature", "公文署名", para=_KEPT + indent(right=4) + _RIGHT),
        _style("PaperDate", "成文日期", para=indent(right=4) + _RIGHT),
        _style("PaperNote", "公文附注", para=body + _LEFT),
        _style("PaperAttachment", "附件序号", para=_KEPT + "<w:pageBreakBefore/>" + _LEFT, font=HEI[0]),
        _style("PaperPeople", "纪要名单", para=indent(left=5, hanging=3) + _BOTH),
        _style("PaperCaption", "公文表题", para=_KEPT + _CENTRE, font=HEI[0]),
        _style("PaperCell", "公文表格文字", para=line(400) + _CENTRE, size=12),
        _style("PaperImprint", "公文版记", para=line(560) + _BOTH, size=14),
        _style("PaperPage", "公文页码", para=line(400), font=SONG[0], size=14),
        _style("PaperBlank", "公文空行"),
        _style("PaperEnd", "公文末行", para=line(20), size=1),
    ]  # fmt: skip
    return "".join(made)


#: 28 characters stay 28: no sign beyond the edge, no gap between digits and characters, no snapping to the section's grid.
_PLAIN: Final = "".join(
    f'<w:{switch} w:val="0"/>'
    for switch in ("widowControl", "overflowPunct", "autoSpaceDE", "autoSpaceDN", "snapToGrid")
)
_DEFAULTS: Final = (
    f"<w:docDefaults><w:rPrDefault><w:rPr>{fonts(FANGSONG[0])}"
    '<w:sz w:val="32"/><w:szCs w:val="32"/><w:lang w:val="en-US" w:eastAsia="zh-CN" w:bidi="ar-SA"/></w:rPr></w:rPrDefault>'
    f"<w:pPrDefault><w:pPr>{_PLAIN}</w:pPr></w:pPrDefault></w:docDefaults>"
)


#: Said once more in Normal: the grid counts characters of that style, and LibreOffice reads the size nowhere else.
_NORMAL: Final = (
    f'<w:rPr>{fonts(FANGSONG[0])}<w:spacing w:val="{SPACING}"/><w:sz w:val="32"/><w:szCs w:val="32"/></w:rPr>'
)


def styles() -> str:
    """`word/styles.xml`."""
    return (
        f"{XML}<w:styles {NS}>{_DEFAULTS}"
        '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/><w:pPr>'
        f"{_PLAIN}{line()}{_BOTH}</w:pPr>{_NORMAL}</w:style>{_paragraph_styles()}</w:styles>"
    )


def font_table() -> str:
    """`word/fontTable.xml`: each face with another name for programs that have not the first; nothing is embedded."""
    kinds = {SONG_TITLE: "roman", FANGSONG: "modern", HEI: "modern", KAI: "modern", SONG: "roman"}
    rows = "".join(
        f'<w:font w:name="{names[0]}"><w:altName w:val="{names[1]},{names[2]},{FREE[names[0]]}"/>'
        f'<w:charset w:val="86"/><w:family w:val="{family}"/><w:pitch w:val="default"/></w:font>'
        for names, family in kinds.items()
    )
    return f"{XML}<w:fonts {NS}>{rows}</w:fonts>"


SETTINGS: Final = (
    f'{XML}<w:settings {NS}><w:zoom w:percent="100"/><w:evenAndOddHeaders/>'
    '<w:drawingGridHorizontalSpacing w:val="158"/><w:drawingGridVerticalSpacing w:val="579"/>'
    '<w:characterSpacingControl w:val="doNotCompress"/>'
    '<w:compat><w:useFELayout/><w:compatSetting w:name="compatibilityMode" '
    'w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat>'
    '<w:themeFontLang w:val="en-US" w:eastAsia="zh-CN"/></w:settings>'
)


def page_number(side: str) -> str:
    """A footer with “— 1 —”: `right` on odd pages, `left` on even ones, one character from the edge (7.5)."""
    field = "".join(
        f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'
        + ('<w:r><w:instrText xml:space="preserve"> PAGE </w:instrText></w:r>' if kind == "begin" else "")
        + ("<w:r><w:t>1</w:t></w:r>" if kind == "separate" else "")
        for kind in ("begin", "separate", "end")
    )
    dash = '<w:r><w:t xml:space="preserve">{}</w:t></w:r>'
    place = indent(right=1) if side == "right" else indent(left=1)
    return (
        f'{XML}<w:ftr {NS}><w:p><w:pPr><w:pStyle w:val="PaperPage"/>{place}<w:jc w:val="{side}"/></w:pPr>'
        f"{dash.format('— ')}{field}{dash.format(' —')}</w:p>"
        f'<w:p><w:pPr><w:pStyle w:val="PaperPage"/>{line(274)}</w:pPr></w:p></w:ftr>'
    )


def section(references: Mapping[str, str], *, title_page: bool) -> str:
    """`w:sectPr`: paper, margins, grid of 22 × 28; `references` maps "footer default" and such to relation ids."""
    places = "".join(
        f'<w:{part}Reference w:type="{kind}" r:id="{key}"/>'
        for (part, kind), key in ((name.split(), key) for name, key in references.items())
    )
    width, height = (round(side * 1440 / 25.4) for side in PAPER)
    edges = {side: twips(size) for side, size in MARGINS.items()}
    return (
        f'<w:sectPr>{places}<w:pgSz w:w="{width}" w:h="{height}"/>'
        f'<w:pgMar w:top="{edges["top"]}" w:right="{edges["right"]}" w:bottom="{edges["bottom"]}" w:left="{edges["left"]}" '
        f'w:header="{twips(LETTER_TOP)}" w:footer="{twips(LETTER_FOOT)}" w:gutter="0"/>'
        f"{'<w:titlePg/>' if title_page else ''}"
        f'<w:docGrid w:type="linesAndChars" w:linePitch="{LINE}" w:charSpace="{CHAR_SPACE}"/></w:sectPr>'
    )


_CORE: Final = (
    f'{XML}<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title></dc:title><dc:creator></dc:creator>'
    '<dcterms:created xsi:type="dcterms:W3CDTF">1980-01-01T00:00:00Z</dcterms:created>'
    '<dcterms:modified xsi:type="dcterms:W3CDTF">1980-01-01T00:00:00Z</dcterms:modified></cp:coreProperties>'
)


def package(document: str, parts: Mapping[str, str]) -> bytes:
    """A whole .docx. `parts` are headers and footers by file name (`footer1.xml`); relation ids are rIdp1, rIdp2 … in order."""
    kinds = {
        "document.xml": "document.main",
        "styles.xml": "styles",
        "settings.xml": "settings",
        "fontTable.xml": "fontTable",
    }
    kinds |= {name: name.rstrip("0123456789.xml") for name in parts}
    overrides = "".join(
        f'<Override PartName="/word/{name}" ContentType="{WORD}.{kind}+xml"/>' for name, kind in kinds.items()
    )
    links = "".join(
        f'<Relationship Id="rId{at}" Type="{RELATION}/{kind}" Target="{kind}.xml"/>'
        for at, kind in enumerate(("styles", "settings", "fontTable"), 1)
    ) + "".join(
        f'<Relationship Id="rIdp{at}" Type="{RELATION}/{kinds[name]}" Target="{name}"/>'
        for at, name in enumerate(parts, 1)
    )
    package_ns = "http://schemas.openxmlformats.org/package/2006"
    files = {
        "[Content_Types].xml": f'{XML}<Types xmlns="{package_ns}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>'
        f"{overrides}</Types>",
        "_rels/.rels": f'{XML}<Relationships xmlns="{package_ns}/relationships">'
        f'<Relationship Id="rId1" Type="{RELATION}/officeDocument" Target="word/document.xml"/>'
        f'<Relationship Id="rId2" Type="{package_ns}/relationships/metadata/core-properties" Target="docProps/core.xml"/>'
        "</Relationships>",
        "docProps/core.xml": _CORE,
        "word/_rels/document.xml.rels": f'{XML}<Relationships xmlns="{package_ns}/relationships">{links}</Relationships>',
        "word/document.xml": document, "word/styles.xml": styles(), "word/settings.xml": SETTINGS,
        "word/fontTable.xml": font_table(), **{f"word/{name}": text for name, text in parts.items()},
    }  # fmt: skip
    return zipped({name: text.encode() for name, text in files.items()})


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip whose bytes depend on names and contents only."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, ZIP_DATE), content, zipfile.ZIP_DEFLATED, 6)
    return out.getvalue()
