//! Generated documents in which anything that HTML allows may stand, for testing the scripts that run in pages which
//! are not ours: every element, odd attributes, names that replace properties, prototypes that the page has overwritten,
//! getters that throw. What is planted in such a document must be reported nevertheless.

use std::{collections::HashMap, net::SocketAddr, sync::Arc};

use axum::{Router, extract::State, http::Uri, response::Html};
use browser::{Browser, BrowserConfig, Launcher, Profile, Viewport};
use tokio::net::TcpListener;
use url::Url;

/// Every element that the parser leaves in a body, but those that swallow the rest of the document.
const ELEMENTS: &[&str] = &[
    "a",
    "abbr",
    "address",
    "area",
    "article",
    "aside",
    "audio",
    "b",
    "bdi",
    "bdo",
    "big",
    "blockquote",
    "button",
    "canvas",
    "center",
    "cite",
    "code",
    "custom-thing",
    "data",
    "datalist",
    "dd",
    "del",
    "details",
    "dfn",
    "dialog",
    "dir",
    "div",
    "dl",
    "dt",
    "em",
    "fieldset",
    "figcaption",
    "figure",
    "font",
    "footer",
    "form",
    "h1",
    "h6",
    "header",
    "hgroup",
    "i",
    "ins",
    "kbd",
    "label",
    "legend",
    "li",
    "listing",
    "main",
    "map",
    "mark",
    "marquee",
    "math",
    "menu",
    "meter",
    "nav",
    "object",
    "ol",
    "optgroup",
    "option",
    "output",
    "p",
    "picture",
    "pre",
    "progress",
    "q",
    "rp",
    "rt",
    "ruby",
    "s",
    "samp",
    "search",
    "section",
    "select",
    "slot",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "summary",
    "sup",
    "svg",
    "table",
    "tbody",
    "td",
    "template",
    "textarea",
    "tfoot",
    "th",
    "thead",
    "time",
    "tr",
    "tt",
    "u",
    "ul",
    "unknown",
    "var",
    "video",
    "xmp",
];
const VOID: &[&str] = &[
    "area", "br", "col", "embed", "hr", "img", "input", "param", "source", "track", "wbr",
];
/// In SVG and MathML.
const FOREIGN: &[&str] = &[
    "<svg width=40 height=40 tabindex=0 class=odd><title>odd</title><a href='#x' class=link target=_top><text y=20>odd</text></a></svg>",
    "<svg onclick='1'><foreignObject width=50 height=50><button>odd</button><form><input name=closest></form></foreignObject></svg>",
    "<svg role=button aria-labelledby='x y'><use href='#none'/><script>1</script><style>x{}</style></svg>",
    "<math tabindex=0 onclick='1'><mi href='x'>x</mi><annotation-xml encoding='text/html'><a href=''>odd</a></annotation-xml></math>",
];
/// Properties and methods that scripts use, as names of fields, images and anchors.
const NAMES: &[&str] = &[
    "action",
    "id",
    "children",
    "childNodes",
    "parentNode",
    "parentElement",
    "getAttribute",
    "hasAttribute",
    "attributes",
    "querySelector",
    "querySelectorAll",
    "closest",
    "matches",
    "contains",
    "textContent",
    "innerText",
    "innerHTML",
    "nodeType",
    "nodeName",
    "ownerDocument",
    "getRootNode",
    "checkVisibility",
    "getBoundingClientRect",
    "shadowRoot",
    "isConnected",
    "className",
    "classList",
    "tagName",
    "localName",
    "form",
    "elements",
    "length",
    "style",
    "title",
    "value",
    "type",
    "name",
    "method",
    "submit",
    "labels",
    "href",
    "target",
    "rel",
    "disabled",
    "body",
    "head",
    "documentElement",
    "createTreeWalker",
    "getElementById",
    "readyState",
    "adoptedStyleSheets",
    "location",
    "defaultView",
    "top",
    "window",
    "self",
    "document",
    "addEventListener",
    "dispatchEvent",
    "surveyed",
    "watcher",
    "report",
    "reportTitle",
    "dom",
    "performance",
    "setTimeout",
    "innerWidth",
    "scrollX",
    "isContentEditable",
    "focus",
    "constructor",
    "toString",
    "valueOf",
    "hasOwnProperty",
    "__proto__",
    "prototype",
    "then",
    "toJSON",
    "baseURI",
    "forms",
    "images",
    "links",
    "scripts",
    "cookie",
    "lastChild",
    "previousElementSibling",
];
const ROLES: &[&str] = &[
    "button",
    "link",
    "tab",
    "menuitem",
    "alert",
    "alertdialog",
    "status",
    "progressbar",
    "heading",
    "row",
    "navigation",
    "presentation",
    "nonsense",
    "",
    "button link",
];
const TYPES: &[&str] = &[
    "text", "password", "email", "tel", "number", "search", "url", "radio", "checkbox", "range",
    "color", "date", "file", "hidden", "submit", "image", "reset", "button", "nonsense", "",
];
const ADDRESSES: &[&str] = &[
    "",
    "#",
    "#!",
    "javascript:void 0",
    "javascript:throw 1",
    "http://[",
    "//",
    "mailto:a@b",
    "tel:1",
    "data:,x",
    "blob:x",
    "?",
    "about:blank",
    "\u{e9}\u{200f}",
    "file:///x",
    "ftp://x",
    "/a b%zz",
];
/// What the page's own scripts do before and after the document is there. None of it may reach the isolated world.
const SCRIPTS: &[&str] = &[
    "for (const name of ['querySelector', 'querySelectorAll', 'closest', 'matches', 'getAttribute']) Element.prototype[name] = () => { throw new Error(name); }",
    "for (const name of ['textContent', 'nodeType', 'isConnected', 'parentElement']) Object.defineProperty(Node.prototype, name, { get() { throw new Error(name); } })",
    "Object.defineProperty(HTMLElement.prototype, 'innerText', { get() { throw new Error('innerText'); } })",
    "Array.prototype.filter = Array.prototype.map = Array.prototype[Symbol.iterator] = () => { throw new Error('array'); }",
    "Object.defineProperty(Object.prototype, 'get', { value: 1 }); Object.prototype.toJSON = () => { throw new Error('toJSON'); }",
    "String.prototype.trim = String.prototype.replace = () => ({}); RegExp.prototype.test = () => { throw new Error('test'); }",
    "Map = Set = WeakMap = Symbol = JSON = Proxy = Reflect = undefined",
    "performance.now = () => NaN; Math.max = Math.min = () => NaN; setTimeout = setInterval = () => { throw new Error('timer'); }",
    "Document.prototype.createTreeWalker = Document.prototype.getElementById = () => null",
    "customElements.define('custom-thing', class extends HTMLElement { connectedCallback() { throw new Error('connected'); } get innerText() { throw new Error('text'); } get shadowRoot() { throw new Error('root'); } })",
    "for (const element of document.querySelectorAll('*')) for (const name of ['value', 'innerText', 'className', 'href', 'form', 'id']) { try { Object.defineProperty(element, name, { get() { throw new Error(name); } }) } catch {} }",
    "for (const element of [...document.querySelectorAll('div, span, p')].slice(0, 6)) { try { const root = element.attachShadow({ mode: Math.random() < 0.5 ? 'open' : 'closed' }); root.innerHTML = '<form><input name=getRootNode><input name=host></form><a href=x tabindex=0>in shadow</a><slot></slot>' } catch {} }",
    "{ let at = document.body.appendChild(document.createElement('div')); for (let i = 0; i < 400; i++) at = at.appendChild(document.createElement(i % 7 ? 'div' : 'form')); at.textContent = 'deep'; at.tabIndex = 0 }",
    "{ let at = document.body.appendChild(document.createElement('div')); for (let i = 0; i < 130; i++) { const root = at.attachShadow({ mode: 'open' }); at = root.appendChild(document.createElement('div')); } at.textContent = 'deep' }",
    "for (let i = 0; i < 3; i++) { const frame = document.body.appendChild(document.createElement('iframe')); const inner = frame.contentDocument; inner.body.innerHTML = '<a href=x>x</a>'; const moved = inner.body.firstChild; document.body.appendChild(moved); frame.remove(); }",
    "{ const lone = '\\ud800'; const link = document.body.appendChild(document.createElement('a')); link.href = '#' + lone; link.textContent = lone + 'half' + lone; link.title = lone; link.name = lone; const box = document.body.appendChild(document.createElement('select')); box.name = lone; box.add(new Option(lone, lone)); document.title = lone }",
    "{ const link = document.body.appendChild(document.createElement('a')); link.textContent = 'long '.repeat(20000); link.href = 'data:,' + 'x'.repeat(300000); link.title = 'y'.repeat(300000) }",
    "{ const path = document.body.appendChild(document.createElementNS('urn:nothing', 'a')); path.setAttribute('tabindex', '0'); path.setAttribute('onclick', ''); path.textContent = 'of another language' }",
    "{ const form = document.body.appendChild(document.createElement('form')); form.tabIndex = 0; form.setAttribute('role', 'button'); form.textContent = 'odd'; for (const name of ['querySelectorAll', 'closest', 'matches', 'parentElement', 'getAttribute', 'textContent', 'innerText', 'checkVisibility']) { const field = form.appendChild(document.createElement('input')); field.name = name } }",
    "document.documentElement.append(document.createElement('body'), document.createElement('head'))",
    "document.title = 'odd'; document.querySelector('title')?.remove(); document.head?.remove()",
    "setInterval(() => { document.body.append(document.createElement('i')); if (document.body.lastChild.previousSibling?.localName === 'i') document.body.lastChild.remove() }, 5)",
];

/// Numbers that look random and are the same for the same seed (splitmix64).
pub struct Numbers(u64);

impl Numbers {
    /// The sequence of a seed.
    pub fn of(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap()
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    fn in_ten(&mut self, times: usize) -> bool {
        self.below(10) < times
    }
}

/// A document of this seed with `planted` somewhere among the children of its body.
pub fn document(seed: u64, planted: &str) -> String {
    let mut numbers = Numbers::of(seed);
    let count = 10 + numbers.below(40);
    let place = numbers.below(count);
    let doctype = if numbers.in_ten(8) {
        "<!doctype html>"
    } else {
        ""
    };
    let mut scripts = |odds: usize| -> String {
        let chosen = SCRIPTS.iter().filter(|_| numbers.below(20) < odds);
        // One that fails must not keep the others from running.
        chosen
            .map(|script| format!("<script>try {{ {script} }} catch {{}}</script>"))
            .collect()
    };
    let (before, after) = (scripts(1), scripts(3));
    let mut body = String::new();
    for index in 0..count {
        if index == place {
            body.push_str(planted);
        }
        element(&mut numbers, 0, &mut body);
    }
    format!(
        "{doctype}<html><head><title>Odd {seed}</title>{before}</head><body>{body}{after}</body></html>"
    )
}

fn element(numbers: &mut Numbers, depth: usize, into: &mut String) {
    match numbers.below(12) {
        0 => return into.push_str(numbers.one(FOREIGN)),
        1 => return clobbering(numbers, into),
        2 | 3 => {
            let tag = numbers.one(VOID);
            into.push_str(&format!("<{tag}{}>", attributes(numbers)));
            return;
        }
        _ => {}
    }
    let tag = numbers.one(ELEMENTS);
    into.push_str(&format!("<{tag}{}>", attributes(numbers)));
    if numbers.in_ten(6) {
        into.push_str("odd &amp; text");
    }
    if depth < 4 && !matches!(tag, "textarea" | "xmp" | "listing") {
        for _ in 0..numbers.below(3) {
            element(numbers, depth + 1, into);
        }
    }
    into.push_str(&format!("</{tag}>"));
}

/// Something whose name replaces a property of its form, of the document or of the window.
fn clobbering(numbers: &mut Numbers, into: &mut String) {
    let (name, other) = (numbers.one(NAMES), numbers.one(NAMES));
    into.push_str(&match numbers.below(7) {
        0 => format!("<form tabindex=0 role=button class=error><input name={name}><button name={other}>odd</button><p class=error>odd</p></form>"),
        1 => format!("<img name={name} alt=odd>"),
        2 => format!("<form name={name} id={other}><input type=text name={other}></form>"),
        3 => format!("<a id={name} name={other} href=x>odd</a>"),
        4 => format!("<object id={name} name={name}></object><embed name={other}>"),
        5 => format!("<iframe name={name} srcdoc='<form><input type=password name={other}></form>'></iframe>"),
        _ => format!("<form><fieldset name={name} class=alert><output name={other}></output><input id={name} type=image alt=odd></fieldset></form>"),
    });
}

fn attributes(numbers: &mut Numbers) -> String {
    let mut all = String::new();
    for _ in 0..numbers.below(5) {
        let one = match numbers.below(22) {
            0 => format!("id={}", numbers.one(NAMES)),
            1 => format!("name={}", numbers.one(NAMES)),
            2 => "value=7".to_owned(),
            3 => "tabindex=0".to_owned(),
            4 => "onclick='throw 1'".to_owned(),
            5 => format!("role='{}'", numbers.one(ROLES)),
            6 => format!("type='{}'", numbers.one(TYPES)),
            7 => format!("href='{}'", numbers.one(ADDRESSES)),
            8 => format!(
                "aria-labelledby='x y {} {}'",
                numbers.one(NAMES),
                numbers.one(NAMES)
            ),
            9 => format!(
                "aria-describedby='{}' aria-invalid=true",
                numbers.one(NAMES)
            ),
            10 => format!("class='error {} \u{200b}'", numbers.one(NAMES)),
            11 => format!("for={} form={}", numbers.one(NAMES), numbers.one(NAMES)),
            12 => format!("slot={} is=odd-thing", numbers.one(NAMES)),
            13 => "hidden".to_owned(),
            14 => "inert".to_owned(),
            15 => "popover contenteditable".to_owned(),
            16 => "style='display:contents'".to_owned(),
            17 => "style='transform:scale(0);content-visibility:hidden'".to_owned(),
            18 => "max=-1 maxlength=-1 min=x size=0 span=0 pattern='['".to_owned(),
            19 => "download rel='x' target='' autocomplete='\"'".to_owned(),
            20 => "title='\u{202e}' alt='' placeholder='\u{0}'".to_owned(),
            _ => format!(
                "id=x aria-labelledby=x aria-controls=x usemap=#{}",
                numbers.one(NAMES)
            ),
        };
        all.push(' ');
        all.push_str(&one);
    }
    all
}

/// Serves documents by path until the test ends, and a browser that may go there.
pub struct Pages {
    address: SocketAddr,
    /// Where to look at them.
    pub browser: Browser,
}

impl Pages {
    /// Pages by path; everything else answers with nothing.
    pub async fn of(pages: HashMap<String, String>) -> Self {
        let pages = Arc::new(pages);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serve = |State(pages): State<Arc<HashMap<String, String>>>, uri: Uri| async move {
            Html(pages.get(uri.path()).cloned().unwrap_or_default())
        };
        let router = Router::new().fallback(serve).with_state(pages);
        tokio::spawn(async move { axum::serve(listener, router).await });
        let launcher = Launcher::new(BrowserConfig {
            warm: 0,
            allowed_private_hosts: vec![
                address.to_string(),
                format!("localhost:{}", address.port()),
            ],
            ..BrowserConfig::default()
        });
        let profile = Profile {
            country: "US".parse().unwrap(),
            accept_language: None,
            viewport: Viewport::default(),
        };
        let browser = launcher.open(profile).await.unwrap();
        Self { address, browser }
    }

    /// The address of a page.
    pub fn url(&self, path: &str) -> Url {
        format!("http://{}{path}", self.address).parse().unwrap()
    }

    /// Goes to a page and waits until its document is loaded.
    pub async fn go(&self, path: &str) {
        let page = self.browser.page();
        page.navigate(&self.url(path)).await.unwrap();
        let loaded = "function () { return new Promise((resolve) => { const { get } = Object.getOwnPropertyDescriptor(Document.prototype, 'readyState'); if (get.call(document) === 'complete') resolve(true); else EventTarget.prototype.addEventListener.call(window, 'load', () => resolve(true)); }); }";
        let done: bool = page.call(&page.main_frame(), loaded, &[]).await.unwrap();
        assert!(done);
    }
}

/// How many documents, from which seed on: `ODD_DOCUMENTS=1000 ODD_SEED=5` make a longer run.
pub fn seeds(count: u64) -> std::ops::Range<u64> {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let first = number("ODD_SEED").unwrap_or(1);
    first..first + number("ODD_DOCUMENTS").unwrap_or(count)
}
