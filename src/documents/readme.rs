//! `README.txt`: what the files are, how they are written, and the data dictionary, for whoever opens the folder
//! in ten years without this program.

use std::fmt::Write as _;

use super::File;
use super::labels::Label;
use super::ledger;
use super::lists::{answer_columns, question_columns, suggestion_columns};
use super::lookup::Lookup;
use super::table::{Column, visible};
use super::text;

/// Path of the file.
pub const PATH: &str = "README.txt";

/// The text, UTF-8 with BOM and CRLF so that the editor of any Windows shows it.
pub fn write(lookup: &Lookup<'_>, files: &[(String, File)]) -> Vec<u8> {
    let record = lookup.record;
    let session = &record.session;
    let mut out = String::new();
    let mut line = |text: &str| {
        out.push_str(text);
        out.push('\n');
    };
    line(&format!(
        "移交包：{}第{}场“{}”",
        text::one_line(&record.hall.name),
        text::one_line(&session.number),
        text::one_line(&session.title)
    ));
    line(&format!(
        "Hand-over package, {} edition",
        if record.privacy == super::Privacy::Internal {
            "internal"
        } else {
            "public"
        }
    ));
    line(&format!(
        "版本：{}    生成时间：{}（{}）",
        record.privacy.label(),
        lookup.minute(record.generated_at_ms),
        text::one_line(&record.time_zone.name)
    ));
    line("");
    line("一、文件 Files");
    for (title, file) in files {
        line(&format!("  {}    {}", file.path, title));
    }
    line(&format!(
        "  {}    每个文件的 SHA-256、大小和路径",
        super::manifest::PATH
    ));
    line("");
    line("二、约定 Conventions");
    for rule in RULES {
        line(&format!("  {rule}"));
    }
    line("");
    line("三、核对 Verification");
    line("  Windows：certutil -hashfile 文件名 SHA256    Linux：sha256sum 文件名    与 MANIFEST.json 比对。");
    line("");
    line("四、数据字典 Data dictionary");
    let privacy = record.privacy;
    dictionary(
        &mut out,
        "台账（第二行隐藏，为机器键和版本号）",
        ledger::LEDGER_SCHEMA,
        &visible(&ledger::columns(), privacy),
    );
    dictionary(
        &mut out,
        "提问",
        "data/questions.csv",
        &visible(&question_columns(), privacy),
    );
    dictionary(
        &mut out,
        "答复",
        "data/answers.csv",
        &visible(&answer_columns(), privacy),
    );
    dictionary(
        &mut out,
        "意见建议",
        "data/suggestions.csv",
        &visible(&suggestion_columns(), privacy),
    );
    format!("\u{FEFF}{}", text::clean(&out))
        .replace('\n', "\r\n")
        .into_bytes()
}

const RULES: &[&str] = &[
    "同样的数据生成同样的文件，逐字节相同。",
    "表格中没有公式。以 = + - @（含全角）、制表符或回车开头的文字一律按文本保存；CSV 中在其前加半角单引号。",
    "控制字符和文字方向控制符已去除；单元格最多 32767 个字符，超出的以“已截断”标明，全文见 package.json。",
    "日期为真实日期，时间按上面的时区；直播时间点以开播为零点。package.json 中的时间为自 1970-01-01 UTC 起的毫秒数。",
    "CSV 为 UTF-8（带 BOM）、CRLF 换行、RFC 4180 引号规则。package.json 的结构见 schema/hand-over.schema.json（JSON Schema 2020-12）。",
    "已答复和已落实分开统计；未评价不计入满意。",
    "文件名为 UTF-8；名称前的数字用于排序。",
];

fn dictionary<R>(out: &mut String, title: &str, name: &str, columns: &[&Column<R>]) {
    let _ = writeln!(out, "\n  {title}（{name}）");
    for (index, column) in columns.iter().enumerate() {
        let _ = writeln!(
            out,
            "    {:>2}. {} [{}] {}，{}：{}",
            index + 1,
            column.title,
            column.key,
            column.kind.label(),
            column.visibility.label(),
            column.meaning
        );
    }
}
