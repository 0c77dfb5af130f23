//! Documents as WordprocessingML, on the page of GB/T 9704-2012.
//!
//! Only what the documents here need: paragraphs in named styles, tables whose head repeats on every page, page
//! numbers, one section. It is written by hand because the order of elements, the repeated head, the default
//! style and the properties of the file must be exactly right, and because every byte must follow from the input.
//! All text enters through [`Run`] and is cleaned and escaped there, nowhere else.

use std::fmt::Write as _;

use super::text;

/// Fonts are named, never shipped: 方正小标宋 and 仿宋_GB2312 are licensed. `word_parts` names substitutes for readers without them.
pub const FONT_TITLE: &str = "方正小标宋简体";
/// Body.
pub const FONT_BODY: &str = "仿宋_GB2312";
/// First level of headings, table heads.
pub const FONT_HEAD: &str = "黑体";
/// Second level.
pub const FONT_SECOND: &str = "楷体_GB2312";
/// Page numbers.
pub const FONT_PAGE_NUMBER: &str = "宋体";

/// Width of the type area in twentieths of a point: 156 mm.
pub const TYPE_AREA_TWIPS: u32 = 8_845;

/// Styles by role. Their definitions are in `word_parts`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// The red words on top.
    Mark,
    /// Issue under the mark, centred.
    Issue,
    /// Line of issuer and date over the red rule.
    IssueLine,
    /// 2号小标宋, centred.
    Title,
    /// The same on top of a sheet that must fit on its page.
    SheetTitle,
    /// 3号仿宋, first line indented by two characters.
    Body,
    /// The same, hanging after a label.
    Field,
    /// 一、
    Heading1,
    /// （一）
    Heading2,
    /// Heading of a table.
    Caption,
    /// Text of a cell.
    Cell,
    /// Centred text of a cell.
    CellCentre,
    /// Head of a table or label of a row.
    CellHead,
    /// Small remark.
    Note,
    /// 版记: distribution and print date.
    Imprint,
    /// Nothing to read; takes no room. What a floating table hangs on.
    Anchor,
}

impl Style {
    /// Id in the styles part.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Mark => "Mark",
            Self::Issue => "Issue",
            Self::IssueLine => "IssueLine",
            Self::Title => "Title",
            Self::SheetTitle => "SheetTitle",
            Self::Body => "Body",
            Self::Field => "Field",
            Self::Heading1 => "Heading1",
            Self::Heading2 => "Heading2",
            Self::Caption => "Caption",
            Self::Cell => "Cell",
            Self::CellCentre => "CellCentre",
            Self::CellHead => "CellHead",
            Self::Note => "Note",
            Self::Imprint => "Imprint",
            Self::Anchor => "Anchor",
        }
    }
}

/// A stretch of text in one face.
#[derive(Debug, Clone)]
pub struct Run {
    text: String,
    strong: bool,
    half_points: Option<u32>,
}

impl Run {
    /// Text in the face of its style.
    pub fn plain(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            strong: false,
            half_points: None,
        }
    }

    /// Text in 黑体, as labels are.
    pub fn strong(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            strong: true,
            half_points: None,
        }
    }

    /// The same in another size.
    pub fn half_points(self, half_points: u32) -> Self {
        Self {
            half_points: Some(half_points),
            ..self
        }
    }

    fn write(&self, xml: &mut String) {
        xml.push_str("<w:r>");
        if self.strong || self.half_points.is_some() {
            xml.push_str("<w:rPr>");
            if self.strong {
                let _ = write!(xml, r#"<w:rFonts w:eastAsia="{FONT_HEAD}"/>"#);
            }
            if let Some(size) = self.half_points {
                let _ = write!(xml, r#"<w:sz w:val="{size}"/><w:szCs w:val="{size}"/>"#);
            }
            xml.push_str("</w:rPr>");
        }
        let clean = text::clean(&self.text);
        for (index, line) in clean.split('\n').enumerate() {
            if index > 0 {
                xml.push_str("<w:br/>");
            }
            for (index, part) in line.split('\t').enumerate() {
                if index > 0 {
                    xml.push_str("<w:tab/>");
                }
                if !part.is_empty() {
                    xml.push_str(r#"<w:t xml:space="preserve">"#);
                    escape(part, xml);
                    xml.push_str("</w:t>");
                }
            }
        }
        xml.push_str("</w:r>");
    }
}

/// Writes text so that XML reads it back unchanged.
pub fn escape(text: &str, xml: &mut String) {
    for c in text.chars() {
        match c {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '"' => xml.push_str("&quot;"),
            _ => xml.push(c),
        }
    }
}

/// A paragraph.
#[derive(Debug, Clone)]
pub struct Paragraph {
    style: Style,
    runs: Vec<Run>,
    page_break_before: bool,
    keep_with_next: bool,
}

impl Paragraph {
    /// One run in a style.
    pub fn new(style: Style, text: impl Into<String>) -> Self {
        Self::of(style, vec![Run::plain(text)])
    }

    /// Several runs.
    pub fn of(style: Style, runs: Vec<Run>) -> Self {
        Self {
            style,
            runs,
            page_break_before: false,
            keep_with_next: false,
        }
    }

    /// Starts a page.
    pub fn on_new_page(self) -> Self {
        Self {
            page_break_before: true,
            ..self
        }
    }

    /// Stays on the page of what follows.
    pub fn keep_with_next(self) -> Self {
        Self {
            keep_with_next: true,
            ..self
        }
    }

    fn write(&self, xml: &mut String) {
        let _ = write!(xml, r#"<w:p><w:pPr><w:pStyle w:val="{}"/>"#, self.style.id());
        if self.keep_with_next {
            xml.push_str("<w:keepNext/>");
        }
        if self.page_break_before {
            xml.push_str("<w:pageBreakBefore/>");
        }
        xml.push_str("</w:pPr>");
        for run in &self.runs {
            run.write(xml);
        }
        xml.push_str("</w:p>");
    }
}

/// A cell.
#[derive(Debug, Clone)]
pub struct Cell {
    paragraphs: Vec<Paragraph>,
    span: usize,
    shaded: bool,
}

impl Cell {
    /// Text in a style; an empty text is an empty cell.
    pub fn new(style: Style, text: impl Into<String>) -> Self {
        Self {
            paragraphs: vec![Paragraph::new(style, text)],
            span: 1,
            shaded: false,
        }
    }

    /// Ordinary text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::new(Style::Cell, text)
    }

    /// Centred text.
    pub fn centre(text: impl Into<String>) -> Self {
        Self::new(Style::CellCentre, text)
    }

    /// A label or a head.
    pub fn head(text: impl Into<String>) -> Self {
        Self {
            shaded: true,
            ..Self::new(Style::CellHead, text)
        }
    }

    /// Covers this many columns.
    pub fn span(self, span: usize) -> Self {
        Self { span, ..self }
    }
}

/// A row.
#[derive(Debug, Clone)]
pub struct Row {
    cells: Vec<Cell>,
    head: bool,
    height_twips: u32,
    may_split: bool,
}

impl Row {
    /// An ordinary row; it is not broken across pages.
    pub fn new(cells: Vec<Cell>) -> Self {
        Self {
            cells,
            head: false,
            height_twips: 400,
            may_split: false,
        }
    }

    /// The head of a table; repeats on every page.
    pub fn head(titles: &[&str]) -> Self {
        let cells = titles.iter().map(|title| Cell::head(*title)).collect();
        Self {
            head: true,
            ..Self::new(cells)
        }
    }

    /// At least this high, for writing by hand.
    pub fn height_twips(self, height_twips: u32) -> Self {
        Self { height_twips, ..self }
    }

    /// May go on on the next page; for rows with long text.
    pub fn may_split(self) -> Self {
        Self {
            may_split: true,
            ..self
        }
    }
}

/// A document being written.
pub struct Document {
    body: String,
}

impl Document {
    /// An empty document.
    pub fn new() -> Self {
        Self {
            body: String::with_capacity(16 * 1024),
        }
    }

    /// Adds a paragraph.
    pub fn paragraph(&mut self, paragraph: &Paragraph) -> &mut Self {
        paragraph.write(&mut self.body);
        self
    }

    /// Adds a paragraph of one run.
    pub fn text(&mut self, style: Style, text: impl Into<String>) -> &mut Self {
        self.paragraph(&Paragraph::new(style, text))
    }

    /// Adds a paragraph that begins with a label in 黑体.
    pub fn field(&mut self, label: &str, text: impl Into<String>) -> &mut Self {
        self.paragraph(&Paragraph::of(
            Style::Field,
            vec![Run::strong(format!("{label}：")), Run::plain(text)],
        ))
    }

    /// Adds a table as wide as the type area; `widths` in twips, one per column.
    pub fn table(&mut self, widths: &[u32], rows: &[Row]) -> &mut Self {
        debug_assert_eq!(
            widths.iter().sum::<u32>(),
            TYPE_AREA_TWIPS,
            "columns fill the type area"
        );
        let xml = &mut self.body;
        let _ = write!(
            xml,
            r#"<w:tbl><w:tblPr><w:tblStyle w:val="Grid"/><w:tblW w:w="{TYPE_AREA_TWIPS}" w:type="dxa"/><w:jc w:val="center"/><w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>"#
        );
        for width in widths {
            let _ = write!(xml, r#"<w:gridCol w:w="{width}"/>"#);
        }
        xml.push_str("</w:tblGrid>");
        for row in rows {
            write_row(xml, widths, row);
        }
        xml.push_str("</w:tbl>");
        self
    }

    /// Adds the imprint 版记: lines between rules at the foot of the last page.
    ///
    /// GB/T 9704-2012, 7.4: the first and the last rule are 0.35 mm thick (8 eighths of a point), those between 0.25 mm.
    /// It is a table that floats to the foot, because LibreOffice drops rules of framed paragraphs.
    pub fn imprint(&mut self, lines: &[String]) -> &mut Self {
        let xml = &mut self.body;
        let _ = write!(
            xml,
            r#"<w:tbl><w:tblPr><w:tblpPr w:leftFromText="0" w:rightFromText="0" w:topFromText="180" w:vertAnchor="margin" w:horzAnchor="margin" w:tblpXSpec="left" w:tblpYSpec="bottom"/><w:tblOverlap w:val="never"/><w:tblW w:w="{TYPE_AREA_TWIPS}" w:type="dxa"/><w:tblBorders><w:top w:val="single" w:sz="8" w:space="0" w:color="000000"/><w:bottom w:val="single" w:sz="8" w:space="0" w:color="000000"/><w:insideH w:val="single" w:sz="6" w:space="0" w:color="000000"/></w:tblBorders><w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="280" w:type="dxa"/><w:right w:w="280" w:type="dxa"/></w:tblCellMar></w:tblPr><w:tblGrid><w:gridCol w:w="{TYPE_AREA_TWIPS}"/></w:tblGrid>"#
        );
        for line in lines {
            let cell = Cell::new(Style::Imprint, line);
            write_row(xml, &[TYPE_AREA_TWIPS], &Row::new(vec![cell]));
        }
        xml.push_str("</w:tbl>");
        // A floating table hangs on the paragraph after it.
        self.text(Style::Anchor, "")
    }

    /// The `word/document.xml` part.
    pub fn into_xml(self) -> String {
        format!(
            "{}{}{}",
            super::word_parts::DOCUMENT_OPEN,
            self.body,
            super::word_parts::DOCUMENT_CLOSE
        )
    }
}

fn write_row(xml: &mut String, widths: &[u32], row: &Row) {
    xml.push_str("<w:tr><w:trPr>");
    if !row.may_split {
        xml.push_str("<w:cantSplit/>");
    }
    let _ = write!(
        xml,
        r#"<w:trHeight w:val="{}" w:hRule="atLeast"/>"#,
        row.height_twips
    );
    if row.head {
        xml.push_str("<w:tblHeader/>");
    }
    xml.push_str("</w:trPr>");
    let mut column = 0;
    for cell in &row.cells {
        let width: u32 = widths.iter().skip(column).take(cell.span).sum();
        column += cell.span;
        let _ = write!(xml, r#"<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>"#);
        if cell.span > 1 {
            let _ = write!(xml, r#"<w:gridSpan w:val="{}"/>"#, cell.span);
        }
        if cell.shaded {
            xml.push_str(r#"<w:shd w:val="clear" w:color="auto" w:fill="F2F2F2"/>"#);
        }
        xml.push_str(r#"<w:vAlign w:val="center"/></w:tcPr>"#);
        for paragraph in &cell.paragraphs {
            paragraph.write(xml);
        }
        xml.push_str("</w:tc>");
    }
    xml.push_str("</w:tr>");
}
