"""Opens a hand-over package with readers that are not ours and says whether it keeps its promises.

Usage: read_package.py PACKAGE
PACKAGE is the ZIP file or the folder it was unpacked into. Needs openpyxl and python-docx; jsonschema if it is there.
Prints a summary as one line of JSON and exits 0, or prints the first broken promise on stderr and exits 1.
"""

import argparse
import csv
import hashlib
import io
import json
import pathlib
import re
import sys
import zipfile

import docx
import openpyxl
from docx.shared import Mm

LEDGER_HEADINGS = (
    "序号 案号/编号 来源活动 直播时间点 提出时间 提出人(脱敏) 提出人类别 意见建议标题(案由) 摘要 类别 类别代码 附议/点赞数 "
    "归并条数 归并关系(主并/被并) 现场是否答复 转化形式(提案/交办件/社情民意/12345/信访/留存) 立案/受理情况 主办单位 会办单位 "
    "分办单位 交办时间 签收时间 办理时限 剩余/超期工作日 延期情况 承办人及电话(内) 当前状态 最近进展 答复文号 答复日期 办理结果类别 "
    "承诺事项及期限 落实进度% 提案者满意度 不满意原因/再办理次数 督办级别 公开方式 公开链接 归档号 备注"
).split(" ")
INTERNAL_HEADINGS = {"承办人及电话(内)", "备注"}
LEDGER_SHEETS = ["台账", "按单位统计", "按类别统计", "办理结果", "超期清单", "承诺清单", "数据字典", "校验"]
LEDGER_SCHEMA = "yishiting-ledger/1"
CALCULATES = re.compile(r"[\s\u200b-\u200d\u2060\ufeff]*[=+\-@＝＋－＠]|[\t\r\n]")
DIRECTIONS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class Broken(Exception):
    """A promise the package does not keep."""


def expect(holds, reason):
    if not holds:
        raise Broken(reason)


def load(path):
    """All files by path, from a ZIP or a folder."""
    if path.is_dir():
        return {str(file.relative_to(path).as_posix()): file.read_bytes() for file in path.rglob("*") if file.is_file()}
    with zipfile.ZipFile(path) as archive:
        expect(archive.testzip() is None, "the archive is damaged")
        names = archive.namelist()
        expect(len(names) == len(set(names)), "a path is in the archive twice")
        for info in archive.infolist():
            expect(info.filename.isascii() or info.flag_bits & 0x800, f"{info.filename}: the UTF-8 flag is missing")
            expect(not info.filename.startswith("/") and ".." not in info.filename.split("/"), f"{info.filename}: unsafe path")
        return {name: archive.read(name) for name in names}


def check_manifest(files):
    expect("MANIFEST.json" in files, "MANIFEST.json is missing")
    manifest = json.loads(files["MANIFEST.json"])
    listed = {line["path"]: line for line in manifest["files"]}
    expect(set(listed) == set(files) - {"MANIFEST.json"}, f"manifest and files differ: {set(listed) ^ (set(files) - {'MANIFEST.json'})}")
    for path, line in listed.items():
        expect(line["size_bytes"] == len(files[path]), f"{path}: the manifest gives another size")
        expect(line["sha256"] == hashlib.sha256(files[path]).hexdigest(), f"{path}: the manifest gives another hash")
    return manifest


def parts(path, data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        texts = {name: archive.read(name).decode("utf-8") for name in archive.namelist() if name.endswith((".xml", ".rels"))}
    for name, text in texts.items():
        expect(not DIRECTIONS.search(text), f"{path} {name}: direction control")
    core = texts["docProps/core.xml"]
    for tag in ("dc:creator", "cp:lastModifiedBy"):
        named = re.search(f"<{tag}>([^<]+)</{tag}>", core)
        expect(not named, f"{path}: the properties name {named and named[1]}")
    return texts


def check_workbook(path, data):
    for name, text in parts(path, data).items():
        if name.startswith("xl/worksheets/"):
            expect(not re.search(r"<f[ >/]", text), f"{path} {name}: a formula")
            expect("<hyperlink" not in text, f"{path} {name}: a link")
    book = openpyxl.load_workbook(io.BytesIO(data), data_only=False)
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                expect(cell.data_type != "f", f"{path} {sheet.title}!{cell.coordinate}: a formula")
                expect(cell.hyperlink is None, f"{path} {sheet.title}!{cell.coordinate}: a link")
                expect(not isinstance(cell.value, str) or len(cell.value) <= 32767, f"{path} {cell.coordinate}: too long")
        expect(sheet.freeze_panes, f"{path} {sheet.title}: the head is not frozen")
        expect(sheet.auto_filter.ref, f"{path} {sheet.title}: no filter")
        expect(sheet.print_title_rows, f"{path} {sheet.title}: the head is not printed on every page")
    return book


def check_ledger(path, book, public, record):
    expect(book.sheetnames == LEDGER_SHEETS, f"{path}: sheets {book.sheetnames}")
    sheet = book["台账"]
    expected = [heading for heading in LEDGER_HEADINGS if not (public and heading in INTERNAL_HEADINGS)]
    headings = [cell.value for cell in sheet[1]][: len(expected)]
    expect(headings == expected, f"{path}: headings {headings}")
    expect(sheet.row_dimensions[2].hidden, f"{path}: the row of keys is not hidden")
    keys = [cell.value for cell in sheet[2]]
    expect(all(keys[: len(expected)]) and keys[len(expected)] == LEDGER_SCHEMA, f"{path}: keys {keys}")
    expect(str(sheet.page_setup.paperSize) == "8" and sheet.page_setup.orientation == "landscape", f"{path}: not A3 landscape")
    column = {key: index for index, key in enumerate(keys[: len(expected)])}
    rows = list(sheet.iter_rows(min_row=3, values_only=True))
    expect(len(rows) == len(record["suggestions"]), f"{path}: {len(rows)} rows for {len(record['suggestions'])} suggestions")
    for row, suggestion in zip(rows, sorted(record["suggestions"], key=lambda one: (one["number"], one["id"]))):
        expect(row[column["code"]] == suggestion["code"], f"{path}: {row[column['code']]} is not {suggestion['code']}")
        expect(isinstance(row[column["code"]], str), f"{path}: a case number is not text")
        expect(hasattr(row[column["raised_at"]], "year"), f"{path}: a time is not a real time")
        due = row[column["due_date"]]
        expect((due.strftime("%Y-%m-%d") if due else None) == suggestion["due_date"], f"{path}: due {due}, not {suggestion['due_date']}")
    for name, left, right, result, _ in book["校验"].iter_rows(min_row=2, values_only=True):
        expect(left == right and result == "一致", f"{path}: {name}: {left} is not {right}")


def check_document(path, data):
    texts = parts(path, data)
    document = docx.Document(io.BytesIO(data))
    section = document.sections[0]
    near = lambda length, millimetres: abs(length - Mm(millimetres)) < Mm(1)
    expect(near(section.page_width, 210) and near(section.page_height, 297), f"{path}: not A4")
    margins = [(section.top_margin, 37), (section.left_margin, 28), (section.right_margin, 26), (section.bottom_margin, 35)]
    expect(all(near(length, millimetres) for length, millimetres in margins), f"{path}: margins are not those of GB/T 9704")
    expect(document.styles["Normal"].font.size is None or document.styles["Normal"].font.size.pt == 16, f"{path}: body is not 16 pt")
    expect("仿宋_GB2312" in texts["word/styles.xml"] and "方正小标宋简体" in texts["word/styles.xml"], f"{path}: fonts")
    expect("PAGE" in texts["word/footer1.xml"] and "PAGE" in texts["word/footer2.xml"], f"{path}: page numbers")
    expect(any(paragraph.text.strip() for paragraph in document.paragraphs), f"{path}: empty")
    return document


def check_csv(path, data, expected_rows):
    expect(data.startswith(b"\xef\xbb\xbf"), f"{path}: no BOM")
    text = data.decode("utf-8-sig")
    expect(not DIRECTIONS.search(text), f"{path}: direction control")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    expect(len(rows) == expected_rows + 1, f"{path}: {len(rows) - 1} rows for {expected_rows} items")
    expect(text.count("\r\n") >= len(rows), f"{path}: line ends are not CRLF")
    for row in rows:
        expect(len(row) == len(rows[0]), f"{path}: a row has {len(row)} fields")
        for field in row:
            expect(not CALCULATES.match(field) or re.fullmatch(r"-?\d+", field), f"{path}: {field[:40]!r} could calculate")


def check_json(files):
    package = json.loads(files["package.json"])
    schema = json.loads(files["schema/hand-over.schema.json"])
    try:
        import jsonschema
    except ImportError:
        jsonschema = None
    if jsonschema:
        errors = list(jsonschema.Draft202012Validator(schema).iter_errors(package))
        expect(not errors, f"package.json: {errors and errors[0].json_path}: {errors and errors[0].message}")
    tally = package["tally"]
    expect(tally["raised"] == sum(count for word, count in tally.items() if word != "raised"), f"package.json: tally {tally}")
    return package


def check(path):
    files = load(path)
    manifest = check_manifest(files)
    package = check_json(files)
    record, public = package["hand_over"], package["edition"] == "public"
    expect(manifest["edition"] == package["edition"], "manifest and package.json name two editions")
    documents = books = 0
    for name, data in sorted(files.items()):
        if name.endswith(".xlsx"):
            book = check_workbook(name, data)
            books += 1
            if "台账" in book.sheetnames:
                check_ledger(name, book, public, record)
        elif name.endswith(".docx"):
            check_document(name, data)
            documents += 1
        elif name.endswith(".csv"):
            check_csv(name, data, len(record[pathlib.PurePosixPath(name).stem]))
    units = {unit for one in record["suggestions"] for unit in [one["lead_unit_id"], *one["co_unit_ids"], *one["separate_unit_ids"]] if unit}
    expect(documents == len(units) + 2, f"{documents} documents for {len(units)} units, the list and the minutes")
    expect(books == 2, f"{books} workbooks")
    return {
        "edition": package["edition"],
        "files": len(files),
        "questions": len(record["questions"]),
        "answers": len(record["answers"]),
        "suggestions": len(record["suggestions"]),
        "units": len(units),
        "tally": package["tally"],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("package", type=pathlib.Path)
    arguments = parser.parse_args()
    try:
        summary = check(arguments.package)
    except Broken as broken:
        print(broken, file=sys.stderr)
        sys.exit(1)
    print(json.dumps(summary, ensure_ascii=False))


if __name__ == "__main__":
    main()
