//! The model case for tests: 水电气计价与安全管理, five units, twenty-five questions, twelve suggestions.

use jiff::civil::{Date, date};

use super::hand_over::*;

const START_MS: i64 = 1_773_813_600_000; // 2026-03-18 14:00 +08:00
const MINUTE_MS: i64 = 60_000;

/// The record every test starts from.
pub fn model_case() -> HandOver {
    let questions = questions();
    HandOver {
        privacy: Privacy::Internal,
        generated_at_ms: START_MS + 26 * 60 * MINUTE_MS,
        time_zone: TimeZone {
            name: "北京时间".to_owned(),
            utc_offset_minutes: 480,
        },
        hall: Hall {
            id: "h1".to_owned(),
            name: "青禾区线上协商议事厅".to_owned(),
            body: "青禾区政协提案委员会".to_owned(),
            minutes_mark: None,
        },
        contact: Contact {
            office: "青禾区政协提案委员会办公室".to_owned(),
            person: Some("经办人甲".to_owned()),
            phone: Some("0500-8877001".to_owned()),
            feedback: "在本平台“单位办理”页填写答复；不能使用平台的，随本单书面反馈。".to_owned(),
        },
        session: Session {
            id: "s1".to_owned(),
            number: "2026-03".to_owned(),
            title: "水电气计价与安全管理".to_owned(),
            kind: SessionKind::Consultation,
            started_ms: START_MS,
            ended_ms: START_MS + 124 * MINUTE_MS,
            place: Some("区政协三楼协商议事厅".to_owned()),
            platform: "青禾区线上协商议事厅".to_owned(),
            host_names: vec!["林岚".to_owned()],
            join_url: "https://hall.example/s/2026-03".to_owned(),
            replay_url: Some("https://hall.example/r/2026-03".to_owned()),
        },
        minutes: minutes(),
        units: units(),
        people: people(),
        segments: segments(),
        figures: Figures {
            watching_peak: 15_230,
            participants: 15_872,
            comments: 4_316,
            questions: 25,
            supports: questions.iter().map(|question| question.supports).sum(),
        },
        answers: answers(),
        suggestions: suggestions(&questions),
        questions,
        announcements: vec![Announcement {
            id: "a1".to_owned(),
            text: "第二环节“用气安全”即将开始。".to_owned(),
            issued_ms: START_MS + 38 * MINUTE_MS,
        }],
    }
}

fn units() -> Vec<Unit> {
    [
        ("u1", "区供电公司"),
        ("u2", "区供水公司"),
        ("u3", "区燃气公司"),
        ("u4", "区价格主管部门"),
        ("u5", "区住房和城乡建设局"),
    ]
    .into_iter()
    .map(|(id, name)| Unit {
        id: id.to_owned(),
        name: name.to_owned(),
        clerk: Some("经办人乙".to_owned()),
        phone: Some("0500-8877002".to_owned()),
    })
    .collect()
}

fn people() -> Vec<Person> {
    let person = |name: &str, organisation: Option<&str>, title: Option<&str>, presence| Person {
        name: name.to_owned(),
        title: title.map(str::to_owned),
        organisation: organisation.map(str::to_owned),
        presence,
    };
    vec![
        person("林岚", None, None, Presence::Host),
        person(
            "周明",
            Some("区供电公司"),
            Some("营销部主任"),
            Presence::Department,
        ),
        person(
            "许亮",
            Some("区供水公司"),
            Some("客户服务部主任"),
            Presence::Department,
        ),
        person("秦川", Some("区燃气公司"), Some("安全总监"), Presence::Department),
        person(
            "吴桐",
            Some("区价格主管部门"),
            Some("价格科科长"),
            Presence::Department,
        ),
        person(
            "郑平",
            Some("区住房和城乡建设局"),
            Some("物业科科长"),
            Presence::Department,
        ),
        person("何静", None, Some("区政协委员"), Presence::Member),
        person("罗成", None, Some("区政协委员"), Presence::Member),
        person("王**", Some("东河街道"), None, Presence::Citizen),
        person("李**", Some("西苑社区"), None, Presence::Citizen),
    ]
}

fn segments() -> Vec<Segment> {
    [
        ("水电计价与账单", 0, 40),
        ("用气安全", 40, 82),
        ("老旧小区管网改造和转供电", 82, 124),
    ]
    .into_iter()
    .zip(1..)
    .map(|((title, from, to), number)| Segment {
        number,
        title: title.to_owned(),
        started_ms: Some(START_MS + from * MINUTE_MS),
        ended_ms: Some(START_MS + to * MINUTE_MS),
    })
    .collect()
}

fn minutes() -> MinutesText {
    let list = |items: &[&str]| items.iter().map(|item| (*item).to_owned()).collect();
    MinutesText {
        issue: Some("第3期".to_owned()),
        background: Some("为回应群众对水电气价格和安全的关切，区政协提案委员会以“水电气计价与安全管理”为题，邀请五个单位到会，以网络直播方式与网民面对面协商。会前公开征集话题十日，汇总形成三个环节。".to_owned()),
        consensus: list(&[
            "水电气账单应当让群众看得懂：分时段、分阶梯列明用量、单价和金额，并提供查询和复核渠道。",
            "用气安全以预防为主，入户安检结果应当告知住户，隐患限期整改并回访。",
            "老旧小区管网改造应当公布年度计划和进度，施工前征求业主意见。",
        ]),
        minority_views: list(&["有网民认为峰谷分时电价不适合有老人和幼儿的家庭，建议保留长期选择权。"]),
        next_steps: list(&["提案委员会办公室于三个工作日内将交办单送达各承办单位。", "各承办单位签收后按时限办理，逐条答复，承诺事项列入责任清单公开。"]),
        distribution: list(&["各承办单位", "区政府督查室", "区政协各专门委员会"]),
    }
}

fn text(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// Number, minute asked, topic, unit, supports, disposition, merged into, text.
type Ask = (
    i64,
    i64,
    &'static str,
    &'static str,
    u64,
    Option<Disposition>,
    i64,
    &'static str,
);

const ASKS: &[Ask] = &[
    (
        1,
        1,
        "电价",
        "u1",
        312,
        Some(Disposition::AnsweredLive),
        0,
        "阶梯电价按月还是按年累计？我家夏天开空调两个月就跳到第二档，能不能在账单上写清楚怎么算的？",
    ),
    (
        2,
        2,
        "电价",
        "u1",
        41,
        Some(Disposition::Merged),
        1,
        "电费阶梯是怎么算的，为什么七月突然多了八十多块？",
    ),
    (
        3,
        3,
        "电价",
        "u1",
        27,
        Some(Disposition::Merged),
        1,
        "账单看不懂，能不能把每一档的用量和单价列出来",
    ),
    (
        4,
        5,
        "电价",
        "u4",
        188,
        Some(Disposition::AnsweredLive),
        0,
        "转供电的商铺每度收一块二，比居民贵一倍多，这个加价合法吗，谁来管？",
    ),
    (
        5,
        6,
        "电价",
        "u4",
        64,
        Some(Disposition::Merged),
        4,
        "小区门口的商户说物业收电费加价，投诉找哪里",
    ),
    (
        6,
        8,
        "水价",
        "u2",
        205,
        Some(Disposition::AnsweredLive),
        0,
        "水表两个月抄一次，一次跳阶梯，能不能按月抄表或者按月折算？",
    ),
    (
        7,
        9,
        "水价",
        "u2",
        33,
        Some(Disposition::AnsweredInWriting),
        0,
        "污水处理费按用水量收，浇花园的水也要交污水费吗？",
    ),
    (
        8,
        11,
        "水价",
        "u2",
        76,
        Some(Disposition::Assigned),
        0,
        "五口之家以上的人口增量怎么申请，每年都要重新办吗？能不能跟户籍数据打通自动给？",
    ),
    (
        9,
        14,
        "电价",
        "u1",
        58,
        Some(Disposition::AnsweredInWriting),
        0,
        "峰谷电价办了以后能不能退回来？家里有老人白天也要用电。",
    ),
    (
        10,
        17,
        "水压",
        "u2",
        142,
        Some(Disposition::AnsweredLive),
        0,
        "顶楼早晚高峰没水，二次供水泵房谁负责？西苑社区反映三年了。",
    ),
    (
        11,
        19,
        "水压",
        "u2",
        39,
        Some(Disposition::Merged),
        10,
        "我们楼六层以上早上七点洗漱都没水",
    ),
    (
        12,
        42,
        "用气安全",
        "u3",
        267,
        Some(Disposition::AnsweredLive),
        0,
        "燃气公司上门安检的人怎么辨别真假？有人借安检推销报警器和波纹管。",
    ),
    (
        13,
        44,
        "用气安全",
        "u3",
        151,
        Some(Disposition::AnsweredLive),
        0,
        "燃气软管、报警器到底要不要自己花钱换，有没有补贴标准？",
    ),
    (
        14,
        45,
        "用气安全",
        "u3",
        22,
        Some(Disposition::Merged),
        13,
        "换金属波纹管收三百多，公示的价格在哪里看",
    ),
    (
        15,
        47,
        "用气安全",
        "u3",
        97,
        Some(Disposition::AnsweredLive),
        0,
        "独居老人忘关火很危险，能不能给独居老人家里免费装自动切断阀？",
    ),
    (
        16,
        50,
        "用气安全",
        "u5",
        84,
        Some(Disposition::Assigned),
        0,
        "餐饮街的瓶装气和管道气混用，检查完了又恢复原样，能不能公布检查结果？",
    ),
    (
        17,
        53,
        "气价",
        "u4",
        73,
        Some(Disposition::AnsweredInWriting),
        0,
        "采暖用气的阶梯量是不是太低了，一个冬天就到第三档。",
    ),
    (
        18,
        58,
        "气价",
        "u4",
        19,
        Some(Disposition::Declined),
        0,
        "建议取消天然气阶梯价格，全部按第一档收。",
    ),
    (
        19,
        84,
        "管网改造",
        "u5",
        176,
        Some(Disposition::AnsweredLive),
        0,
        "东河街道八十年代的小区水管气管都老化了，改造计划排到哪一年，能不能公开排期？",
    ),
    (
        20,
        86,
        "管网改造",
        "u5",
        48,
        Some(Disposition::Merged),
        19,
        "我们小区改造问了几次都说在排队，到底排第几",
    ),
    (
        21,
        89,
        "管网改造",
        "u5",
        92,
        Some(Disposition::Assigned),
        0,
        "改造挖了三次路，水、电、气能不能一次挖好？",
    ),
    (
        22,
        93,
        "管网改造",
        "u5",
        55,
        Some(Disposition::Assigned),
        0,
        "改造后楼道的飞线没人收，充电桩也没地方装。",
    ),
    (
        23,
        97,
        "服务",
        "u1",
        31,
        Some(Disposition::AnsweredInWriting),
        0,
        "停电通知能不能提前发短信？上次停电冰箱的东西都坏了。",
    ),
    (
        24,
        101,
        "服务",
        "u1",
        12,
        Some(Disposition::Withdrawn),
        0,
        "营业厅周末开门吗",
    ),
    (
        25,
        108,
        "服务",
        "u2",
        44,
        None,
        0,
        "水电气能不能一张账单、一个地方交？现在要装三个小程序，老人不会用。",
    ),
];

fn questions() -> Vec<Question> {
    let places = ["东河街道", "西苑社区", "", "南湖花园", ""];
    ASKS.iter()
        .map(
            |&(number, minute, topic, unit, supports, disposition, merged_into, body)| Question {
                id: format!("q{number}"),
                number,
                text: body.to_owned(),
                asker: if number % 6 == 0 {
                    "委员何*".to_owned()
                } else {
                    ["王**", "陈**", "刘**", "赵**"][usize::try_from(number % 4).unwrap()].to_owned()
                },
                tier: match number % 6 {
                    0 => Tier::Member,
                    1 | 2 => Tier::Guest,
                    _ => Tier::Verified,
                },
                asked_ms: START_MS + minute * MINUTE_MS,
                topic: text(topic),
                unit_id: text(unit),
                place: text(places[usize::try_from(number % 5).unwrap()]),
                supports,
                staged_clock_ms: (disposition == Some(Disposition::AnsweredLive))
                    .then_some((minute + 4) * MINUTE_MS),
                unstaged_clock_ms: (disposition == Some(Disposition::AnsweredLive))
                    .then_some((minute + 7) * MINUTE_MS),
                disposition,
                disposition_reason: match disposition {
                    Some(Disposition::Declined) => {
                        text("阶梯价格由省级规定，区级无权取消；已将意见向上级反映。")
                    }
                    Some(Disposition::Merged) => Some(format!("与{merged_into}号提问内容相同")),
                    _ => None,
                },
                disposed_ms: disposition.map(|_| START_MS + (minute + 130) * MINUTE_MS),
                merged_into: (merged_into > 0).then(|| format!("q{merged_into}")),
                merged_count: u32::try_from(ASKS.iter().filter(|ask| ask.6 == number).count()).unwrap(),
            },
        )
        .collect()
}

fn answer(
    number: usize,
    question: i64,
    unit: &str,
    minute: Option<i64>,
    answer_type: AnswerType,
    body: &str,
) -> Answer {
    Answer {
        id: format!("r{number}"),
        question_id: Some(format!("q{question}")),
        unit_id: unit.to_owned(),
        speaker: minute
            .and(match unit {
                "u1" => Some("周明"),
                "u2" => Some("许亮"),
                "u3" => Some("秦川"),
                "u4" => Some("吴桐"),
                _ => Some("郑平"),
            })
            .map(str::to_owned),
        kind: if minute.is_some() {
            AnswerKind::Live
        } else {
            AnswerKind::Written
        },
        answer_type,
        body: body.to_owned(),
        owner: None,
        due_date: None,
        basis: None,
        transfer_to: None,
        given_ms: START_MS + minute.unwrap_or(1_400) * MINUTE_MS,
        start_clock_ms: minute.map(|minute| minute * MINUTE_MS + 10_000),
        end_clock_ms: minute.map(|minute| (minute + 3) * MINUTE_MS),
    }
}

fn commitment(answer: Answer, owner: &str, due_date: Date) -> Answer {
    Answer {
        answer_type: AnswerType::Commitment,
        owner: Some(owner.to_owned()),
        due_date: Some(due_date),
        ..answer
    }
}

fn answers() -> Vec<Answer> {
    use AnswerType::{Explanation, Refusal, Transfer};
    vec![
        commitment(
            answer(
                1,
                1,
                "u1",
                Some(5),
                Explanation,
                "居民阶梯电量按年累计。从五月账单起，逐档列明用量、单价和金额，并附计算说明。",
            ),
            "营销部",
            date(2026, 5, 31),
        ),
        answer(
            2,
            4,
            "u4",
            Some(10),
            Explanation,
            "转供电主体不得在目录电价之外加价。发现违规加价可以向价格主管部门举报，查实的责令退还。",
        ),
        commitment(
            answer(
                3,
                6,
                "u2",
                Some(13),
                Explanation,
                "年内完成八千户智能水表更换，更换后按月抄表、按月计费。",
            ),
            "客户服务部",
            date(2026, 12, 31),
        ),
        commitment(
            answer(
                4,
                10,
                "u2",
                Some(21),
                Explanation,
                "西苑社区泵房四月底前完成检修，早晚高峰加压供水，并公示二次供水责任人。",
            ),
            "管网运行部",
            date(2026, 4, 30),
        ),
        answer(
            5,
            12,
            "u3",
            Some(46),
            Explanation,
            "安检员统一着装、佩戴二维码工牌，扫码可以核验；安检不收费、不推销，遇到推销请拒绝并举报。",
        ),
        commitment(
            answer(
                6,
                13,
                "u3",
                Some(49),
                Explanation,
                "软管和报警器由用户承担，低保和特困家庭免费更换；六月底前在营业厅和平台公示全部收费项目。",
            ),
            "用户服务部",
            date(2026, 6, 30),
        ),
        commitment(
            answer(
                7,
                15,
                "u3",
                Some(52),
                Explanation,
                "对民政部门登记的独居老人家庭免费加装自动切断阀，首批六百户。",
            ),
            "安全管理部",
            date(2026, 9, 30),
        ),
        commitment(
            answer(
                8,
                19,
                "u5",
                Some(89),
                Explanation,
                "四月中旬公布未来三年老旧小区改造排期，按季度更新进度。",
            ),
            "物业科",
            date(2026, 4, 15),
        ),
        answer(
            9,
            7,
            "u2",
            None,
            Explanation,
            "非排入污水管网的绿化用水可以申请单独计量，单独计量部分不收污水处理费。",
        ),
        answer(
            10,
            9,
            "u1",
            None,
            Explanation,
            "峰谷分时电价自愿选择，执行满一年后可以申请变更，不收取任何费用。",
        ),
        answer(
            11,
            17,
            "u4",
            None,
            Transfer,
            "采暖阶梯气量标准由上级统一制定，已汇总数据并转燃气公司配合测算。",
        ),
        Answer {
            basis: Some("《居民阶梯价格管理办法》第八条".to_owned()),
            ..answer(
                12,
                18,
                "u4",
                None,
                Refusal,
                "阶梯价格制度由上级统一规定，区级不能取消。",
            )
        },
        answer(
            13,
            23,
            "u1",
            None,
            Explanation,
            "计划停电提前七天公告、提前三天短信告知，请在营业厅或小程序登记手机号码。",
        ),
    ]
    .into_iter()
    .map(|answer| {
        if answer.answer_type == Transfer {
            Answer {
                transfer_to: Some("u3".to_owned()),
                ..answer
            }
        } else {
            answer
        }
    })
    .collect()
}

/// Title, category, code, lead, co, source questions, summary.
type Raise = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static [i64],
    &'static str,
);

const RAISES: &[Raise] = &[
    (
        "关于细化居民电费账单的建议",
        "计价与账单",
        "0501",
        "u1",
        &[],
        &[1, 2, 3],
        "在账单中逐档列明阶梯用量、单价和金额，附计算说明，并提供账单复核渠道。",
    ),
    (
        "关于整治转供电加价的建议",
        "计价与账单",
        "0502",
        "u4",
        &["u1"],
        &[4, 5],
        "对全区转供电主体开展排查，公布目录电价和举报方式，查实违规加价的责令退还并公布结果。",
    ),
    (
        "关于按月抄表计收水费的建议",
        "计价与账单",
        "0501",
        "u2",
        &[],
        &[6],
        "加快更换智能水表，未更换前按月折算阶梯水量。",
    ),
    (
        "关于多人口家庭水量核增自动办理的建议",
        "计价与账单",
        "0501",
        "u2",
        &["u4"],
        &[8],
        "与户籍数据共享，对五人以上家庭自动核增阶梯水量，不再每年申请。",
    ),
    (
        "关于解决高层住宅早晚高峰水压不足的建议",
        "管网设施",
        "0303",
        "u2",
        &["u5"],
        &[10, 11],
        "检修二次供水泵房，公示责任人，建立高峰时段水压监测。",
    ),
    (
        "关于规范入户安检和收费公示的建议",
        "用气安全",
        "0402",
        "u3",
        &["u4"],
        &[12, 13, 14],
        "安检人员扫码核验，安检结果书面告知，收费项目在营业厅和平台公示。",
    ),
    (
        "关于为独居老人加装燃气自动切断阀的建议",
        "用气安全",
        "0402",
        "u3",
        &[],
        &[15],
        "由民政部门提供名单，分批免费加装，并纳入日常巡检。",
    ),
    (
        "关于公布餐饮场所用气检查结果的建议",
        "用气安全",
        "0402",
        "u5",
        &["u3"],
        &[16],
        "对餐饮集中区域用气检查结果定期公布，复查不合格的停气整改。",
    ),
    (
        "关于公开老旧小区管网改造排期的建议",
        "管网设施",
        "0303",
        "u5",
        &["u2", "u3"],
        &[19, 20],
        "公布三年排期和评分依据，按季度更新进度，施工前征求业主意见。",
    ),
    (
        "关于水电气管线同步施工的建议",
        "管网设施",
        "0303",
        "u5",
        &["u1", "u2", "u3"],
        &[21],
        "建立年度掘路计划会商制度，同一路段水、电、气一次开挖。",
    ),
    (
        "关于整治飞线和增设充电设施的建议",
        "管网设施",
        "0303",
        "u5",
        &["u1"],
        &[22],
        "改造后同步规整楼道线缆，预留电动自行车集中充电位置。",
    ),
    (
        "关于水电气联合缴费的建议",
        "便民服务",
        "0601",
        "",
        &[],
        &[25],
        "建设统一账单和缴费入口，保留窗口和现金缴费，方便老年人。",
    ),
];

fn suggestions(questions: &[Question]) -> Vec<Suggestion> {
    let question = |number: i64| &questions[usize::try_from(number - 1).unwrap()];
    RAISES
        .iter()
        .zip(1..)
        .map(|(&(title, category, code, lead, co, from, summary), number)| {
            let heads: Vec<&Question> = from.iter().map(|&number| question(number)).collect();
            let mut sources: Vec<Source> = heads
                .iter()
                .map(|question| Source {
                    kind: SourceKind::Question,
                    id: Some(question.id.clone()),
                    number: Some(question.number),
                    text: question.text.clone(),
                    author: question.asker.clone(),
                    tier: question.tier,
                    said_ms: Some(question.asked_ms),
                    clock_ms: Some(question.asked_ms - START_MS),
                })
                .collect();
            if number == 5 {
                sources.push(Source {
                    kind: SourceKind::Venue,
                    id: None,
                    number: None,
                    text: "现场群众代表：泵房钥匙在物业，供水公司的人来了进不去，建议把责任写清楚。"
                        .to_owned(),
                    author: "李**".to_owned(),
                    tier: Tier::Guest,
                    said_ms: None,
                    clock_ms: Some(23 * MINUTE_MS),
                });
            }
            Suggestion {
                id: format!("g{number}"),
                number,
                code: format!("2026-03-{number:03}"),
                title: title.to_owned(),
                summary: summary.to_owned(),
                category: text(category),
                category_code: text(code),
                proposer: heads[0].asker.clone(),
                tier: heads[0].tier,
                raised_ms: heads[0].asked_ms,
                clock_ms: Some(heads[0].asked_ms - START_MS),
                lead_unit_id: text(lead),
                co_unit_ids: co.iter().map(|id| (*id).to_owned()).collect(),
                separate_unit_ids: Vec::new(),
                supports: heads.iter().map(|question| question.supports).sum(),
                merged_count: u32::try_from(sources.len()).unwrap(),
                sources,
                merge: (number == 10).then(|| Merge {
                    role: MergeRole::Head,
                    with: vec!["2026-03-011".to_owned()],
                }),
                live_answer_ids: answers()
                    .into_iter()
                    .filter(|answer| {
                        answer.kind == AnswerKind::Live
                            && heads
                                .iter()
                                .any(|question| answer.question_id.as_deref() == Some(&question.id))
                    })
                    .map(|answer| answer.id)
                    .collect(),
                conversion: (!lead.is_empty()).then_some(Conversion::Case),
                requirement: text("请提出具体办法和完成时间，逐条答复提出人。"),
                due_date: (!lead.is_empty()).then(|| {
                    if co.is_empty() {
                        date(2026, 4, 10)
                    } else {
                        date(2026, 5, 20)
                    }
                }),
                due_basis: (!lead.is_empty()).then(|| {
                    if co.is_empty() {
                        "15 个工作日，遇清明节顺延 1 日".to_owned()
                    } else {
                        "有会办单位，2 个月，2026-05-19 交办满期后第一个工作日".to_owned()
                    }
                }),
                state: if lead.is_empty() {
                    "待交办".to_owned()
                } else {
                    "待签收".to_owned()
                },
                handling: Handling {
                    assigned_ms: (!lead.is_empty()).then_some(START_MS + 26 * 60 * MINUTE_MS),
                    days_left: (!lead.is_empty()).then_some(15),
                    clerk: text("经办人乙 0500-8877002"),
                    publication: text("全文公开"),
                    remark: (number == 2).then(|| "内部备注：与去年同类投诉一并核查".to_owned()),
                    ..Handling::default()
                },
            }
        })
        .collect()
}
