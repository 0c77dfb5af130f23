//! The parts around the body of a document: styles, fonts, page, page numbers, properties.
//!
//! Numbers of GB/T 9704-2012 in twips (1 mm = 56.69): A4 210x297; top 37 mm = 2098, left 28 mm = 1587, so that the
//! type area is 156x225 mm: right 26 mm = 1474, bottom 35 mm = 1984. 22 lines of 28 characters of 3号 (16 pt): a
//! grid of lines of 579, and characters set closer by 442.25 pt / 28 - 16 pt = -0.205 pt, rounded to -0.25 pt. A grid
//! of characters with that negative space would say the same to Word, but LibreOffice has no cells narrower than a
//! character and then prints 18 to a line; spacing reads alike everywhere. Page number 4号 宋体 between dashes, its
//! line 7 mm below the type area, odd pages right and even pages left, one character in.

use super::DocumentError;
use super::archive::{Entry, write_archive};
use super::lookup::Lookup;
use super::text;
use super::word::{Document, FONT_BODY, FONT_HEAD, FONT_PAGE_NUMBER, FONT_SECOND, FONT_TITLE, escape};

const W: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
const XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

/// Start of the main part.
pub const DOCUMENT_OPEN: &str = concat!(
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n",
    r#"<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><w:body>"#,
);

/// Page and end of the main part.
pub const DOCUMENT_CLOSE: &str = concat!(
    r#"<w:sectPr><w:footerReference w:type="default" r:id="rId4"/><w:footerReference w:type="even" r:id="rId5"/>"#,
    r#"<w:pgSz w:w="11906" w:h="16838"/>"#,
    r#"<w:pgMar w:top="2098" w:right="1474" w:bottom="1984" w:left="1587" w:header="851" w:footer="1417" w:gutter="0"/>"#,
    r#"<w:cols w:space="720"/><w:docGrid w:type="lines" w:linePitch="579"/></w:sectPr>"#,
    "</w:body></w:document>",
);

/// The bytes of a DOCX file.
///
/// # Errors
/// The archive cannot be written.
pub fn write(document: Document, title: &str, lookup: &Lookup<'_>) -> Result<Vec<u8>, DocumentError> {
    let part = |path: &str, body: String| Entry {
        path: path.to_owned(),
        bytes: body.into_bytes(),
    };
    write_archive(&[
        part("[Content_Types].xml", CONTENT_TYPES.to_owned()),
        part("_rels/.rels", RELATIONSHIPS.to_owned()),
        part(
            "docProps/core.xml",
            core(title, &lookup.utc(lookup.record.generated_at_ms)),
        ),
        part("docProps/app.xml", APP.to_owned()),
        part("word/document.xml", document.into_xml()),
        part("word/_rels/document.xml.rels", DOCUMENT_RELATIONSHIPS.to_owned()),
        part("word/styles.xml", styles()),
        part("word/settings.xml", settings()),
        part("word/fontTable.xml", fonts()),
        part("word/footer1.xml", footer("right", "right")),
        part("word/footer2.xml", footer("left", "left")),
    ])
}

const CONTENT_TYPES: &str = concat!(
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n",
    r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">"#,
    r#"<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>"#,
    r#"<Default Extension="xml" ContentType="application/xml"/>"#,
    r#"<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>"#,
    r#"<Override PartName="/word/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/>"#,
    r#"<Override PartName="/word/settings.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.settings+xml"/>"#,
    r#"<Override PartName="/word/fontTable.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.fontTable+xml"/>"#,
    r#"<Override PartName="/word/footer1.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml"/>"#,
    r#"<Override PartName="/word/footer2.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml"/>"#,
    r#"<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>"#,
    r#"<Override PartName="/docProps/app.xml" ContentType="application/vnd.openxmlformats-officedocument.extended-properties+xml"/>"#,
    "</Types>",
);

const RELATIONSHIPS: &str = concat!(
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n",
    r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">"#,
    r#"<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/>"#,
    r#"<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" Target="docProps/core.xml"/>"#,
    r#"<Relationship Id="rId3" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/extended-properties" Target="docProps/app.xml"/>"#,
    "</Relationships>",
);

const DOCUMENT_RELATIONSHIPS: &str = concat!(
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n",
    r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">"#,
    r#"<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/>"#,
    r#"<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/settings" Target="settings.xml"/>"#,
    r#"<Relationship Id="rId3" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/fontTable" Target="fontTable.xml"/>"#,
    r#"<Relationship Id="rId4" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/footer" Target="footer1.xml"/>"#,
    r#"<Relationship Id="rId5" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/footer" Target="footer2.xml"/>"#,
    "</Relationships>",
);

const APP: &str = concat!(
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n",
    r#"<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"><Application>yishiting</Application></Properties>"#,
);

/// Properties: a title and a time; no author, no last editor, no company.
fn core(title: &str, created: &str) -> String {
    let mut escaped = String::new();
    escape(&text::one_line(title), &mut escaped);
    format!(
        r#"{XML}<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>{escaped}</dc:title><dcterms:created xsi:type="dcterms:W3CDTF">{created}</dcterms:created><dcterms:modified xsi:type="dcterms:W3CDTF">{created}</dcterms:modified></cp:coreProperties>"#
    )
}

fn settings() -> String {
    format!(
        r#"{XML}<w:settings xmlns:w="{W}"><w:zoom w:percent="100"/><w:evenAndOddHeaders/><w:defaultTabStop w:val="420"/><w:characterSpacingControl w:val="compressPunctuation"/><w:compat><w:useFELayout/><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat><w:themeFontLang w:val="en-US" w:eastAsia="zh-CN"/></w:settings>"#
    )
}

/// The fonts named by the styles and what a reader without them should take.
fn fonts() -> String {
    let font = |name, substitute: &str| {
        format!(
            r#"<w:font w:name="{name}"><w:altName w:val="{substitute}"/><w:charset w:val="86"/><w:family w:val="auto"/></w:font>"#
        )
    };
    format!(
        r#"{XML}<w:fonts xmlns:w="{W}">{}{}{}{}{}<w:font w:name="Times New Roman"><w:charset w:val="00"/><w:family w:val="roman"/></w:font></w:fonts>"#,
        font(FONT_TITLE, "华文中宋"),
        font(FONT_BODY, "仿宋"),
        font(FONT_HEAD, "SimHei"),
        font(FONT_SECOND, "楷体"),
        font(FONT_PAGE_NUMBER, "SimSun"),
    )
}

/// A page number between dashes on one side of the page.
fn footer(align: &str, indent: &str) -> String {
    let run = |inner: &str| {
        format!(
            r#"<w:r><w:rPr><w:rFonts w:ascii="{FONT_PAGE_NUMBER}" w:eastAsia="{FONT_PAGE_NUMBER}" w:hAnsi="{FONT_PAGE_NUMBER}"/><w:sz w:val="28"/><w:szCs w:val="28"/></w:rPr>{inner}</w:r>"#
        )
    };
    let text = |text: &str| run(&format!(r#"<w:t xml:space="preserve">{text}</w:t>"#));
    format!(
        r#"{XML}<w:ftr xmlns:w="{W}"><w:p><w:pPr><w:pStyle w:val="Footer"/><w:ind w:{indent}="280" w:{indent}Chars="100"/><w:jc w:val="{align}"/></w:pPr>{}{}{}{}{}{}</w:p></w:ftr>"#,
        text("— "),
        run(r#"<w:fldChar w:fldCharType="begin"/>"#),
        run(r#"<w:instrText xml:space="preserve"> PAGE </w:instrText>"#),
        run(r#"<w:fldChar w:fldCharType="separate"/>"#),
        text("1"),
        format_args!("{}{}", run(r#"<w:fldChar w:fldCharType="end"/>"#), text(" —")),
    )
}

/// One paragraph style.
struct ParagraphStyle {
    id: &'static str,
    name: &'static str,
    based_on: &'static str,
    paragraph: &'static str,
    font: &'static str,
    half_points: u32,
    more: &'static str,
}

const PARAGRAPH_STYLES: &[ParagraphStyle] = &[
    // The upper edge of the mark is 35 mm below that of the type area.
    ParagraphStyle {
        id: "Mark",
        name: "红头",
        based_on: "Normal",
        paragraph: r#"<w:snapToGrid w:val="0"/><w:spacing w:before="1984" w:after="240"/><w:jc w:val="center"/>"#,
        font: FONT_TITLE,
        half_points: 96,
        more: r#"<w:color w:val="E60000"/>"#,
    },
    ParagraphStyle {
        id: "Issue",
        name: "期号",
        based_on: "Normal",
        paragraph: r#"<w:jc w:val="center"/>"#,
        font: FONT_BODY,
        half_points: 32,
        more: "",
    },
    ParagraphStyle {
        id: "IssueLine",
        name: "编制机关和日期",
        based_on: "Normal",
        paragraph: r#"<w:pBdr><w:bottom w:val="single" w:sz="18" w:space="6" w:color="E60000"/></w:pBdr><w:tabs><w:tab w:val="right" w:pos="8845"/></w:tabs>"#,
        font: FONT_BODY,
        half_points: 32,
        more: "",
    },
    ParagraphStyle {
        id: "Title",
        name: "Title",
        based_on: "Normal",
        paragraph: r#"<w:keepNext/><w:snapToGrid w:val="0"/><w:spacing w:before="579" w:after="290" w:line="700" w:lineRule="exact"/><w:jc w:val="center"/>"#,
        font: FONT_TITLE,
        half_points: 44,
        more: "",
    },
    ParagraphStyle {
        id: "SheetTitle",
        name: "交办单标题",
        based_on: "Title",
        paragraph: r#"<w:spacing w:before="0" w:after="160"/>"#,
        font: FONT_TITLE,
        half_points: 44,
        more: "",
    },
    ParagraphStyle {
        id: "Body",
        name: "正文首行缩进",
        based_on: "Normal",
        paragraph: r#"<w:ind w:firstLine="640" w:firstLineChars="200"/>"#,
        font: FONT_BODY,
        half_points: 32,
        more: "",
    },
    ParagraphStyle {
        id: "Field",
        name: "要素",
        based_on: "Normal",
        paragraph: r#"<w:ind w:firstLine="640" w:firstLineChars="200"/><w:jc w:val="left"/>"#,
        font: FONT_BODY,
        half_points: 32,
        more: "",
    },
    ParagraphStyle {
        id: "Heading1",
        name: "heading 1",
        based_on: "Normal",
        paragraph: r#"<w:keepNext/><w:ind w:firstLine="640" w:firstLineChars="200"/><w:outlineLvl w:val="0"/>"#,
        font: FONT_HEAD,
        half_points: 32,
        more: "",
    },
    ParagraphStyle {
        id: "Heading2",
        name: "heading 2",
        based_on: "Normal",
        paragraph: r#"<w:keepNext/><w:ind w:firstLine="640" w:firstLineChars="200"/><w:outlineLvl w:val="1"/>"#,
        font: FONT_SECOND,
        half_points: 32,
        more: "",
    },
    ParagraphStyle {
        id: "Caption",
        name: "caption",
        based_on: "Normal",
        paragraph: r#"<w:keepNext/><w:spacing w:before="120" w:after="60"/><w:jc w:val="center"/>"#,
        font: FONT_HEAD,
        half_points: 28,
        more: "",
    },
    ParagraphStyle {
        id: "Cell",
        name: "表格正文",
        based_on: "Normal",
        paragraph: r#"<w:snapToGrid w:val="0"/><w:spacing w:before="30" w:after="30" w:line="320" w:lineRule="exact"/><w:jc w:val="left"/>"#,
        font: FONT_BODY,
        half_points: 24,
        more: "",
    },
    ParagraphStyle {
        id: "CellCentre",
        name: "表格居中",
        based_on: "Cell",
        paragraph: r#"<w:jc w:val="center"/>"#,
        font: FONT_BODY,
        half_points: 24,
        more: "",
    },
    ParagraphStyle {
        id: "CellHead",
        name: "表头",
        based_on: "Cell",
        paragraph: r#"<w:jc w:val="center"/>"#,
        font: FONT_HEAD,
        half_points: 24,
        more: "",
    },
    ParagraphStyle {
        id: "Note",
        name: "说明",
        based_on: "Normal",
        paragraph: r#"<w:snapToGrid w:val="0"/><w:spacing w:before="60" w:line="300" w:lineRule="exact"/>"#,
        font: FONT_BODY,
        half_points: 21,
        more: "",
    },
    ParagraphStyle {
        id: "Imprint",
        name: "版记",
        based_on: "Normal",
        paragraph: r#"<w:keepLines/><w:tabs><w:tab w:val="right" w:pos="8285"/></w:tabs><w:snapToGrid w:val="0"/><w:spacing w:line="440" w:lineRule="exact"/><w:ind w:left="840" w:leftChars="300" w:hanging="840" w:hangingChars="300"/>"#,
        font: FONT_BODY,
        half_points: 28,
        more: "",
    },
    ParagraphStyle {
        id: "Anchor",
        name: "锚点",
        based_on: "Normal",
        paragraph: r#"<w:snapToGrid w:val="0"/><w:spacing w:line="20" w:lineRule="exact"/>"#,
        font: FONT_BODY,
        half_points: 2,
        more: "",
    },
    ParagraphStyle {
        id: "Footer",
        name: "footer",
        based_on: "Normal",
        paragraph: r#"<w:snapToGrid w:val="0"/>"#,
        font: FONT_PAGE_NUMBER,
        half_points: 28,
        more: "",
    },
];

/// The size stands in the defaults and in Normal: some readers count a grid from Normal and take 10.5 pt if it says nothing.
fn styles() -> String {
    let mut xml = format!(
        r#"{XML}<w:styles xmlns:w="{W}"><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Times New Roman" w:eastAsia="{FONT_BODY}" w:hAnsi="Times New Roman" w:cs="Times New Roman"/><w:sz w:val="32"/><w:szCs w:val="32"/><w:lang w:val="en-US" w:eastAsia="zh-CN"/></w:rPr></w:rPrDefault><w:pPrDefault/></w:docDefaults><w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/><w:pPr><w:widowControl w:val="0"/><w:jc w:val="both"/></w:pPr><w:rPr><w:spacing w:val="-5"/><w:sz w:val="32"/><w:szCs w:val="32"/></w:rPr></w:style><w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/><w:uiPriority w:val="99"/><w:semiHidden/><w:unhideWhenUsed/><w:tblPr><w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar><w:top w:w="0" w:type="dxa"/><w:left w:w="108" w:type="dxa"/><w:bottom w:w="0" w:type="dxa"/><w:right w:w="108" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>"#
    );
    for style in PARAGRAPH_STYLES {
        let ParagraphStyle {
            id,
            name,
            based_on,
            paragraph,
            font,
            half_points,
            more,
        } = style;
        xml.push_str(&format!(
            r#"<w:style w:type="paragraph" w:styleId="{id}"><w:name w:val="{name}"/><w:basedOn w:val="{based_on}"/><w:qFormat/><w:pPr>{paragraph}</w:pPr><w:rPr><w:rFonts w:eastAsia="{font}"/>{more}<w:sz w:val="{half_points}"/><w:szCs w:val="{half_points}"/></w:rPr></w:style>"#
        ));
    }
    let side = |name: &str| format!(r#"<w:{name} w:val="single" w:sz="6" w:space="0" w:color="000000"/>"#);
    let sides: String = ["top", "left", "bottom", "right", "insideH", "insideV"]
        .map(side)
        .concat();
    xml.push_str(&format!(
        r#"<w:style w:type="table" w:styleId="Grid"><w:name w:val="Table Grid"/><w:basedOn w:val="TableNormal"/><w:tblPr><w:tblBorders>{sides}</w:tblBorders><w:tblCellMar><w:left w:w="70" w:type="dxa"/><w:right w:w="70" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style></w:styles>"#
    ));
    xml
}
