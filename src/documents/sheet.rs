//! Workbooks. Text goes in through `write_string` only, so no cell can become a formula or a link.
//!
//! Text that begins like a formula also gets the quote-prefix format: otherwise a person who edits such a cell
//! and leaves it would turn it into one.

use rust_xlsxwriter::{
    Color, DataValidation, DataValidationErrorStyle, DocProperties, ExcelDateTime, Format, FormatAlign,
    FormatBorder, Workbook, Worksheet, XlsxError,
};

use super::DocumentError;
use super::lookup::Lookup;
use super::table::{Column, Kind, Value, visible};
use super::text;

/// Paper of a sheet, landscape, fitted to the width.
#[derive(Debug, Clone, Copy)]
pub enum Paper {
    /// A3, for the wide ledger.
    A3,
    /// A4.
    A4,
}

impl Paper {
    /// Number of the paper in the format.
    fn code(self) -> u8 {
        match self {
            Self::A3 => 8,
            Self::A4 => 9,
        }
    }
}

/// What a sheet looks like around its rows.
pub struct Layout<'a> {
    /// Name of the tab.
    pub name: &'a str,
    /// Words on top of every printed page.
    pub heading: &'a str,
    /// Paper.
    pub paper: Paper,
    /// Machine keys and this schema version in a hidden second row.
    pub schema: Option<&'a str>,
    /// Columns that stay when one scrolls to the right.
    pub frozen_columns: u16,
}

/// A workbook being written.
pub struct Book {
    workbook: Workbook,
    formats: Formats,
}

struct Formats {
    head: Format,
    key: Format,
    text: Styled,
    code: Styled,
    number: Format,
    percent: Format,
    date: Format,
    date_time: Format,
}

/// A text format and the same with a quote prefix.
struct Styled {
    plain: Format,
    quoted: Format,
}

impl Formats {
    fn new() -> Self {
        let cell = Format::new()
            .set_font_name("宋体")
            .set_font_size(10)
            .set_border(FormatBorder::Thin)
            .set_align(FormatAlign::VerticalCenter);
        let left = cell.clone().set_text_wrap();
        let centre = cell.set_align(FormatAlign::Center);
        let code = centre.clone().set_text_wrap().set_num_format("@");
        Self {
            head: centre
                .clone()
                .set_font_name("黑体")
                .set_text_wrap()
                .set_background_color(Color::RGB(0x00E7_EFEE)),
            key: centre.clone().set_font_color(Color::RGB(0x0080_8080)),
            text: Styled {
                quoted: left.clone().set_quote_prefix(),
                plain: left,
            },
            code: Styled {
                quoted: code.clone().set_quote_prefix(),
                plain: code,
            },
            number: centre.clone().set_num_format("0"),
            percent: centre.clone().set_num_format("0%"),
            date: centre.clone().set_num_format("yyyy-mm-dd"),
            date_time: centre.set_text_wrap().set_num_format("yyyy-mm-dd hh:mm"),
        }
    }
}

impl Book {
    /// An empty workbook titled `title`. Its properties name no person and carry the time of the record.
    ///
    /// # Errors
    /// The time cannot be written.
    pub fn new(title: &str, lookup: &Lookup<'_>) -> Result<Self, DocumentError> {
        let mut workbook = Workbook::new();
        let created = lookup.utc(lookup.record.generated_at_ms);
        let created = ExcelDateTime::parse_from_str(created.trim_end_matches('Z'))?;
        workbook.set_properties(
            &DocProperties::new()
                .set_title(text::clean(title))
                .set_creation_datetime(&created),
        );
        Ok(Self {
            workbook,
            formats: Formats::new(),
        })
    }

    /// Adds a sheet with one row per item of `rows`.
    ///
    /// # Errors
    /// The format refuses something, such as a name used twice.
    pub fn sheet<R>(
        &mut self,
        layout: &Layout<'_>,
        lookup: &Lookup<'_>,
        columns: &[Column<R>],
        rows: impl IntoIterator<Item = R>,
    ) -> Result<(), DocumentError> {
        let columns = visible(columns, lookup.record.privacy);
        let worksheet = self.workbook.add_worksheet();
        let first_row = write_head(worksheet, &self.formats, layout, &columns)?;
        let mut row_index = first_row;
        for row in rows {
            let mut lines = 1;
            for (index, column) in (0..).zip(&columns) {
                let value = (column.value)(&row);
                lines = lines.max(lines_of(&value, column.width));
                write_value(worksheet, &self.formats, row_index, index, &value)?;
            }
            worksheet.set_row_height(row_index, row_height(lines))?;
            row_index += 1;
        }
        finish(worksheet, layout, &columns, first_row, row_index)
    }

    /// The bytes of the file.
    ///
    /// # Errors
    /// The format refuses something.
    pub fn finish(mut self) -> Result<Vec<u8>, DocumentError> {
        Ok(self.workbook.save_to_buffer()?)
    }
}

/// Points a row of so many lines is high. Readers do not all measure wrapped text themselves, so the height is written;
/// above 16 lines a row is left that high, or one long text would fill a printed page.
fn row_height(lines: u32) -> f64 {
    f64::from(lines.min(16)) * 14.5 + 4.0
}

/// Lines a value takes in a column.
fn lines_of(value: &Value, width: u16) -> u32 {
    match value {
        Value::Text(text) | Value::Code(text) => text_lines(text, width),
        _ => 1,
    }
}

/// Lines a text takes in a column of `width` Latin characters; a Chinese one is as wide as two.
fn text_lines(text: &str, width: u16) -> u32 {
    let room = usize::from(width.max(3)) - 1;
    let lines = text.split('\n').map(|line| {
        // No text is higher than a row can be, so the rest need not be measured.
        let wide: usize = line
            .chars()
            .take(2_000)
            .map(|c| if c.is_ascii() { 1 } else { 2 })
            .sum();
        wide.div_ceil(room).max(1)
    });
    u32::try_from(lines.take(20).sum::<usize>()).unwrap_or(u32::MAX)
}

/// Writes headings and keys; returns the first row for values.
fn write_head<R>(
    worksheet: &mut Worksheet,
    formats: &Formats,
    layout: &Layout<'_>,
    columns: &[&Column<R>],
) -> Result<u32, XlsxError> {
    let lines = columns
        .iter()
        .map(|column| text_lines(column.title, column.width))
        .max()
        .unwrap_or(1);
    // One line more than the words need: the filter buttons cover the last.
    worksheet
        .set_name(layout.name)?
        .set_row_height(0, row_height(lines + 1))?;
    for (index, column) in (0..).zip(columns) {
        worksheet.set_column_width(index, column.width)?;
        worksheet.write_string_with_format(0, index, column.title, &formats.head)?;
    }
    let Some(schema) = layout.schema else { return Ok(1) };
    for (index, column) in (0..).zip(columns) {
        worksheet.write_string_with_format(1, index, column.key, &formats.key)?;
    }
    let after = u16::try_from(columns.len()).unwrap_or(u16::MAX);
    worksheet.write_string_with_format(1, after, schema, &formats.key)?;
    worksheet.set_row_hidden(1)?;
    Ok(2)
}

fn write_value(
    worksheet: &mut Worksheet,
    formats: &Formats,
    row: u32,
    column: u16,
    value: &Value,
) -> Result<(), XlsxError> {
    match value {
        Value::Empty => worksheet.write_blank(row, column, &formats.text.plain)?,
        Value::Text(text) => write_text(worksheet, &formats.text, row, column, text)?,
        Value::Code(text) => write_text(worksheet, &formats.code, row, column, text)?,
        // Beyond 2^53 a spreadsheet rounds; no count gets there.
        #[allow(clippy::cast_precision_loss)]
        Value::Number(number) => {
            worksheet.write_number_with_format(row, column, *number as f64, &formats.number)?
        }
        Value::Percent(percent) => {
            worksheet.write_number_with_format(row, column, f64::from(*percent) / 100.0, &formats.percent)?
        }
        Value::Date(date) => match excel_date(*date) {
            Some(date) => worksheet.write_datetime_with_format(row, column, &date, &formats.date)?,
            None => write_text(worksheet, &formats.code, row, column, &value.plain())?,
        },
        Value::DateTime(time) => {
            let date = excel_date(time.date()).and_then(|date| {
                let (hour, minute, second) = (
                    time.hour().unsigned_abs(),
                    time.minute().unsigned_abs(),
                    time.second().unsigned_abs(),
                );
                date.and_hms(hour.into(), minute, second).ok()
            });
            match date {
                Some(date) => worksheet.write_datetime_with_format(row, column, &date, &formats.date_time)?,
                None => write_text(worksheet, &formats.code, row, column, &value.plain())?,
            }
        }
    };
    Ok(())
}

fn write_text<'a>(
    worksheet: &'a mut Worksheet,
    style: &Styled,
    row: u32,
    column: u16,
    text: &str,
) -> Result<&'a mut Worksheet, XlsxError> {
    let format = if text::looks_like_formula(text) {
        &style.quoted
    } else {
        &style.plain
    };
    worksheet.write_string_with_format(row, column, text::cell(text), format)
}

/// A day as a spreadsheet counts it. Days before 1900-03-01 are left out: readers disagree about them.
fn excel_date(date: jiff::civil::Date) -> Option<ExcelDateTime> {
    let year = u16::try_from(date.year()).ok().filter(|year| *year >= 1901)?;
    ExcelDateTime::from_ymd(year, date.month().unsigned_abs(), date.day().unsigned_abs()).ok()
}

fn finish<R>(
    worksheet: &mut Worksheet,
    layout: &Layout<'_>,
    columns: &[&Column<R>],
    first_row: u32,
    end_row: u32,
) -> Result<(), DocumentError> {
    let last_column = u16::try_from(columns.len().saturating_sub(1)).unwrap_or(u16::MAX);
    let last_row = end_row.max(first_row + 1) - 1;
    worksheet.autofilter(0, 0, last_row, last_column)?;
    worksheet.set_freeze_panes(first_row, layout.frozen_columns)?;
    worksheet
        .set_paper_size(layout.paper.code())
        .set_landscape()
        .set_print_fit_to_pages(1, 0);
    worksheet
        .set_repeat_rows(0, 0)?
        .set_print_area(0, 0, last_row, last_column)?;
    worksheet
        .set_margins(0.4, 0.4, 0.7, 0.6, 0.3, 0.3)
        .set_print_center_horizontally(true);
    worksheet
        .set_header(header(layout.heading))
        .set_footer("&C第 &P 页，共 &N 页")
        .set_header_footer_scale_with_doc(false);
    for (index, column) in (0..).zip(columns) {
        if let Kind::OneOf(words) = column.kind {
            worksheet.add_data_validation(first_row, index, last_row, index, &one_of(words)?)?;
        }
    }
    Ok(())
}

/// Heading of a printed page. `&` starts a code there, so it is doubled; the format allows 255 characters. The
/// size stands before the font, or a heading that begins with a digit would be read as part of it.
fn header(heading: &str) -> String {
    format!(
        "&C&14&\"黑体\"{}",
        text::cut(&text::one_line(heading), 100, "……").replace('&', "&&")
    )
}

fn one_of(words: &'static [&'static str]) -> Result<DataValidation, XlsxError> {
    DataValidation::new()
        .allow_list_strings(words)?
        .set_error_style(DataValidationErrorStyle::Warning)
        .set_error_title("不在选项内")?
        .set_error_message("该值不在常用选项内，确认后仍可保存。")
}
