//! The whole program with a hall in it, on either database.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::net::TcpListener;
use yishiting::app::config::Config;
use yishiting::app::{Running, Surroundings, start};
use yishiting::command::{CodeSender, Commands, IdentityKey};
use yishiting::domain::ids::{DepartmentId, SessionId};
use yishiting::domain::words::{ModerationMode, Role, SessionKind, SessionState, Tier};
use yishiting::protocol::rest::{
    CreateStaffRequest, DepartmentRequest, GrantRequest, HallPage, HallRequest, JoinRequest, LoginRequest,
    PhoneCodeAnswer, PhoneCodeRequest, PhoneVerifyRequest, PreparedSession, RoleGrant, SegmentRequest,
    SessionRequest, SetupRequest, StaffAccount, StaffMe, StateRequest, TokenAnswer,
};
use yishiting::protocol::server::{PolicyFace, SessionFace};
use yishiting::store::Db;

use super::clock::{ManualClock, seeded};
use super::database::{Database, footprint};
use super::people::{Netizen, Staff};
use super::rest::{Refused, Rest};
use super::viewer::{Seen, Viewer};

/// The password of everybody in the tests.
pub const PASSWORD: &str = "a long enough password";
/// Departments of the hall, in order.
pub const DEPARTMENTS: [&str; 5] = ["供电部门", "供水部门", "燃气部门", "价格主管部门", "住建部门"];

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

/// How the program is set up when a test asks for something special.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Key of the program; another one makes every token a forgery.
    pub key: [u8; 32],
    /// Whether addresses of this machine are held to the limits of addresses.
    pub limit_addresses: bool,
    /// Address of the site as people type it.
    pub public_url: String,
    /// Lines for the top of the configuration file.
    pub config: String,
    /// Lines for its live half, instead of no comment being left out.
    pub config_live: String,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            key: [7; 32],
            limit_addresses: false,
            public_url: "http://hall.example".into(),
            config: String::new(),
            config_live: "comments_per_s_max = 1000\n".into(),
        }
    }
}

/// Codes that would have gone to phones: number and code.
#[derive(Clone, Default)]
pub struct Codes(Arc<Mutex<Vec<(String, String)>>>);

impl Codes {
    /// The code sent to a number last.
    pub fn last_for(&self, phone: &str) -> String {
        let sent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sent.iter()
            .rev()
            .find(|(to, _)| to == phone)
            .map(|(_, code)| code.clone())
            .expect("a code was sent to this number")
    }
    /// How many were sent.
    pub fn len(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

impl CodeSender for Codes {
    fn offered(&self) -> bool {
        true
    }
    fn send<'a>(&'a self, phone: &'a str, code: &'a str) -> BoxFuture<'a, Result<(), String>> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((phone.to_owned(), code.to_owned()));
        Box::pin(async { Ok(()) })
    }
}

/// The program, its database, and who uses it.
pub struct World {
    pub clock: ManualClock,
    pub codes: Codes,
    pub database: Database,
    pub setup: Setup,
    /// Nobody in particular.
    pub rest: Rest,
    /// Made at the first start; may do everything.
    pub operator: Staff,
    /// The hall of the test.
    pub hall: HallPage,
    running: Option<Running>,
    surroundings: Surroundings,
    staff: tokio::sync::Mutex<HashMap<String, Staff>>,
    guests: std::sync::atomic::AtomicU32,
}

/// Tells a story in a fresh world on SQLite, and in another on PostgreSQL if there is one.
pub fn on_both(story: impl AsyncFn(&mut World)) {
    on_both_with(&Setup::default(), story);
}

/// The same with a setup of its own.
pub fn on_both_with(setup: &Setup, story: impl AsyncFn(&mut World)) {
    run(async {
        // Both at once: each waits for its disk most of the time.
        let tell = async |kind| {
            let Some(mut world) = World::start(kind, setup).await else {
                return Ok(());
            };
            let outcome = AssertUnwindSafe(Box::pin(story(&mut world))).catch_unwind().await;
            world.end().await;
            outcome.inspect_err(|_| eprintln!("this happened on {kind:?}"))
        };
        let (sqlite, postgres) = tokio::join!(tell(Kind::Sqlite), tell(Kind::Postgres));
        if let Err(panic) = sqlite.and(postgres) {
            resume_unwind(panic);
        }
    });
}

/// Runs a test that needs a runtime.
pub fn run(work: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(Box::pin(work));
}

impl World {
    /// Starts the program on a fresh database and opens a hall. `None` without a server of that kind.
    pub async fn start(kind: Kind, setup: &Setup) -> Option<Self> {
        let database = Database::fresh(kind).await?;
        Some(Self::start_on(database, setup).await)
    }

    /// The same on a database that is there.
    pub async fn start_on(database: Database, setup: &Setup) -> Self {
        let clock = ManualClock::default();
        let codes = Codes::default();
        let surroundings = Surroundings {
            code_sender: Arc::new(codes.clone()),
            ..surroundings(&clock, setup)
        };
        let running = launch(&database, setup, &surroundings, 0).await;
        let rest = Rest::new(format!("http://{}", running.address), clock.clone());
        let operator = set_up(&rest, &running.commands).await;
        let hall = operator
            .post("/halls", &hall_request("water-and-power", "测试议事厅"))
            .await
            .expect("a hall");
        Self {
            clock,
            codes,
            database,
            setup: setup.clone(),
            rest,
            operator,
            hall,
            running: Some(running),
            surroundings,
            staff: tokio::sync::Mutex::default(),
            guests: std::sync::atomic::AtomicU32::new(0),
        }
    }

    fn running(&self) -> &Running {
        self.running.as_ref().expect("the program runs")
    }
    /// The database, for looking at what is behind the door.
    pub fn db(&self) -> &Db {
        &self.running().db
    }
    /// The commands, for what only the machine's owner may do.
    pub fn commands(&self) -> &Commands {
        &self.running().commands
    }
    /// How much was ever written.
    pub async fn footprint(&self) -> Vec<(&'static str, i64)> {
        footprint(self.db()).await
    }

    /// Stops the program in its order.
    pub async fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop().await;
        }
    }
    /// Stops the program and starts it again on the same port and database.
    pub async fn restart(&mut self) {
        self.stop().await;
        self.start_again().await;
    }
    /// Starts the program again after it was stopped, on the port it had.
    pub async fn start_again(&mut self) {
        let port = self
            .rest
            .base
            .rsplit(':')
            .next()
            .and_then(|p| p.parse().ok())
            .expect("the address ends with a port");
        self.running = Some(launch(&self.database, &self.setup, &self.surroundings, port).await);
    }
    /// Stops the program and takes its database away.
    pub async fn end(mut self) {
        self.stop().await;
        self.database.remove().await;
    }

    // People.

    /// A new guest.
    pub async fn guest(&self) -> Netizen {
        let n = self.guests.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        self.join(&format!("邻居{n}")).await.expect("a good name")
    }
    /// A new guest with a name.
    pub async fn join(&self, name: &str) -> Result<Netizen, Refused> {
        let answer: TokenAnswer = self
            .rest
            .post("/participants", &JoinRequest { name: name.into() })
            .await?;
        Ok(Netizen::new(&self.rest, answer))
    }
    /// A person who proved a phone.
    pub async fn verified(&self, phone: &str) -> Netizen {
        let _: PhoneCodeAnswer = self
            .rest
            .post("/phone/codes", &PhoneCodeRequest { phone: phone.into() })
            .await
            .expect("a code");
        let request = PhoneVerifyRequest {
            phone: phone.into(),
            code: self.codes.last_for(phone),
            name: "老街坊".into(),
        };
        Netizen::new(
            &self.rest,
            self.rest.post("/phone/verify", &request).await.expect("verified"),
        )
    }
    /// Somebody with one role in the hall; the same person every time. A department officer answers for the first department.
    pub async fn staff(&self, role: Role) -> Staff {
        let department = (role == Role::DepartmentOfficer).then(|| self.department(0));
        self.colleague(role.as_str(), &[(role, department)]).await
    }
    /// Officer of a department.
    pub async fn officer(&self, department: usize) -> Staff {
        if department == 0 {
            return self.staff(Role::DepartmentOfficer).await;
        }
        self.colleague(
            &format!("officer-{department}"),
            &[(Role::DepartmentOfficer, Some(self.department(department)))],
        )
        .await
    }
    /// Somebody with these roles in the hall; the same person for the same name.
    pub async fn colleague(&self, name: &str, roles: &[(Role, Option<DepartmentId>)]) -> Staff {
        let mut known = self.staff.lock().await;
        if let Some(staff) = known.get(name) {
            return staff.clone();
        }
        let login_name = name.replace('_', "-");
        let request = CreateStaffRequest {
            login_name: login_name.clone(),
            name: format!("工作人员{}", known.len()),
            password: PASSWORD.into(),
        };
        let account: StaffAccount = self
            .operator
            .post("/staff/accounts", &request)
            .await
            .expect("an account");
        let roles = roles
            .iter()
            .map(|(role, department_id)| RoleGrant {
                role: *role,
                department_id: department_id.clone(),
            })
            .collect();
        let _: StaffAccount = self
            .operator
            .put(
                format!("/halls/{}/grants", self.hall.id),
                &GrantRequest {
                    staff_id: account.id,
                    roles,
                },
            )
            .await
            .expect("granted");
        let staff = log_in(&self.rest, &login_name, PASSWORD)
            .await
            .expect("the password is right");
        known.insert(name.to_owned(), staff.clone());
        staff
    }

    // Sessions.

    /// A department of the hall.
    pub fn department(&self, index: usize) -> DepartmentId {
        self.hall.departments[index].id.clone()
    }
    /// Everything that is prepared of the usual session: all departments, three segments.
    pub fn session_request(&self, title: &str) -> SessionRequest {
        let segment = |title: &str, department: usize| SegmentRequest {
            id: None,
            title: title.into(),
            department_id: Some(self.department(department)),
            planned_minutes: 30,
        };
        SessionRequest {
            kind: SessionKind::Consultation,
            title: title.into(),
            intro: "听取意见。".into(),
            venue: "一楼会议室".into(),
            host_name: "周敏".into(),
            starts_ms: None,
            stream_url: String::new(),
            topics: vec!["计价".into(), "安全".into()],
            department_ids: self.hall.departments.iter().map(|d| d.id.clone()).collect(),
            segments: vec![segment("供电", 0), segment("供水", 1), segment("燃气", 2)],
            materials: Vec::new(),
        }
    }
    /// A draft.
    pub async fn draft(&self) -> SessionId {
        let prepared: PreparedSession = self
            .operator
            .post(
                format!("/halls/{}/sessions", self.hall.id),
                &self.session_request("水电气计价与安全管理"),
            )
            .await
            .expect("a draft");
        prepared.session.id
    }
    /// A live session in which everything is published at once.
    pub async fn live(&self) -> SessionId {
        self.live_with(open_policy()).await
    }
    /// A live session.
    pub async fn live_with(&self, policy: PolicyFace) -> SessionId {
        let id = self.draft().await;
        self.set_policy(&id, policy).await;
        self.move_to(&id, SessionState::Live)
            .await
            .expect("a draft may go live");
        id
    }
    /// Says who may write and when it becomes public.
    pub async fn set_policy(&self, id: &SessionId, policy: PolicyFace) {
        let _: SessionFace = self
            .operator
            .put(format!("/sessions/{id}/policy"), &policy)
            .await
            .expect("an administrator may");
    }
    /// A step of a session's life.
    pub async fn move_to(&self, id: &SessionId, to: SessionState) -> Result<SessionFace, Refused> {
        self.operator
            .post(format!("/sessions/{id}/state"), &StateRequest { to })
            .await
    }
    /// What a new viewer knows once everything committed has arrived; a view alone may be a second old.
    pub async fn seen(&self, id: &SessionId) -> Seen {
        let mut viewer = Viewer::open(&self.rest, id).await;
        viewer.until_seq(self.seq(id).await).await;
        viewer.seen
    }
    /// Last number of the public channel.
    pub async fn seq(&self, id: &SessionId) -> u64 {
        self.db()
            .read()
            .await
            .expect("a connection")
            .conn()
            .heads(id)
            .await
            .expect("readable")
            .expect("the session is there")
            .0
    }
}

/// Guests may do everything and everything is published at once.
pub fn open_policy() -> PolicyFace {
    PolicyFace {
        comment_tier: Tier::Guest,
        question_tier: Tier::Guest,
        support_tier: Tier::Guest,
        comment_mode: ModerationMode::PublishFirst,
        question_mode: ModerationMode::PublishFirst,
        slow_mode_s: 0,
        links_off: false,
        chat_off: false,
        stream_off: false,
        first_held: 0,
        min_age_s: 0,
        wait_limit_s: 0,
    }
}

/// Everything that can be said of a hall.
pub fn hall_request(slug: &str, name: &str) -> HallRequest {
    HallRequest {
        slug: slug.into(),
        name: name.into(),
        body_name: "测试单位".into(),
        color: "#0a7f7f".into(),
        intro: String::new(),
        rules: String::new(),
        contact: "窗口".into(),
        policy: open_policy(),
        departments: DEPARTMENTS
            .iter()
            .map(|name| DepartmentRequest {
                id: None,
                name: (*name).into(),
            })
            .collect(),
        members: Vec::new(),
    }
}

/// What the program takes from its surroundings, with a clock moved by hand and chance that is the same in every run.
pub fn surroundings(clock: &ManualClock, setup: &Setup) -> Surroundings {
    Surroundings {
        clock: clock.clock(),
        chance: seeded(2_026),
        key: IdentityKey::new(setup.key),
        code_sender: Arc::new(Codes::default()),
        demonstration: None,
        exempt_loopback: !setup.limit_addresses,
        metrics: Arc::new(String::new),
    }
}

async fn launch(database: &Database, setup: &Setup, surroundings: &Surroundings, port: u16) -> Running {
    let config = Config::parse(&config_text(database, setup)).expect("a configuration");
    let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("a free port");
    start(&config, surroundings.clone(), listener)
        .await
        .expect("starts")
}

/// The configuration of the tests: quick ticks, no comment left out, nobody waits at the end.
pub fn config_text(database: &Database, setup: &Setup) -> String {
    let data = database.folder.path().join("data");
    format!(
        "{}\nlisten = \"127.0.0.1:0\"\npublic_url = \"{}\"\ndatabase = \"{}\"\ndatabase_connections = 6\ndata_dir = \"{}\"\n\
         [live]\nshards = 2\ntick_ms = 20\ndrain_s = 0\n{}",
        setup.config,
        setup.public_url,
        database.url,
        data.display(),
        setup.config_live
    )
}

async fn set_up(rest: &Rest, commands: &Commands) -> Staff {
    let token = commands
        .setup_token()
        .await
        .expect("readable")
        .expect("there is no account yet");
    let request = SetupRequest {
        token,
        login_name: "operator".into(),
        name: "运维".into(),
        password: PASSWORD.into(),
    };
    let response = rest
        .raw(reqwest::Method::POST, "/staff/setup", Some(&request))
        .await;
    Staff::of_answer(rest, response).await.expect("the first account")
}

/// Logs in through the door.
pub async fn log_in(rest: &Rest, login_name: &str, password: &str) -> Result<Staff, Refused> {
    let request = LoginRequest {
        login_name: login_name.into(),
        password: password.into(),
    };
    let response = rest
        .raw(reqwest::Method::POST, "/staff/login", Some(&request))
        .await;
    Staff::of_answer(rest, response).await
}

/// Keeps the type of what a login answers in one place.
pub type LoginAnswer = StaffMe;
