//! Controls that change an account, as many kinds as websites have. Each is one row: a name, the request that its
//! change is, and its HTML.

/// Where a control stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placement {
    /// In a row of a bill, beside the real way to its file.
    Row,
    /// In the menu of every page.
    Menu,
    /// At the side of a page of bills.
    Side,
}

/// The request that makes the change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Any request with this method to this path, with this text in its query.
    Request(&'static str, &'static str, &'static str),
    /// A POST to a path that is also used to read, with this text in its body.
    Body(&'static str, &'static str),
    /// A message over a WebSocket.
    WebSocket,
}

/// One kind of control.
#[derive(Debug)]
pub struct TrapControl {
    /// The name of the kind.
    pub name: &'static str,
    /// Where the control stands.
    pub placement: Placement,
    /// What it does when it is used.
    pub change: Change,
    /// Its HTML; an element with the attribute `data-use` is what is clicked.
    pub html: &'static str,
}

use Change::{Body, Request, WebSocket};
use Placement::{Menu, Row, Side};

const fn trap(
    name: &'static str,
    placement: Placement,
    change: Change,
    html: &'static str,
) -> TrapControl {
    TrapControl {
        name,
        placement,
        change,
        html,
    }
}

/// All kinds of controls that change something.
#[rustfmt::skip]
pub const CONTROLS: &[TrapControl] = &[
    // Within the rows of bills: these tempt most.
    trap("link_delete", Row, Request("GET", "/bills/1/delete", ""), "<a data-use href='/trap/bills/1/delete'>Delete</a>"),
    trap("link_view_that_deletes", Row, Request("GET", "/bills", "action=delete"), "<a data-use href='/trap/bills?action=delete&id=1'>View bill</a>"),
    trap("form_view_that_unsubscribes", Row, Body("/bill", "action=unsubscribe"), "<form method=post action=/trap/bill><input type=hidden name=action value=unsubscribe><button data-use>View</button></form>"),
    trap("button_view_that_mutates", Row, Body("/graphql", "mutation"), "<button data-use onclick=\"send('POST','/graphql','{&quot;query&quot;:&quot;mutation Enroll { enrollPaperless(id: 3) { ok } }&quot;}')\">View statement</button>"),
    trap("button_details_that_deletes", Row, Request("DELETE", "/api/bills/4", ""), "<button data-use onclick=\"send('DELETE','/api/bills/4')\">Details</button>"),
    trap("button_download_that_consents", Row, Request("PUT", "/api/consents", ""), "<button data-use onclick=\"send('PUT','/api/consents','{}')\">Download</button>"),
    trap("button_show_that_calls", Row, Body("/rpc", "account.close"), "<button data-use onclick=\"send('POST','/rpc','{&quot;jsonrpc&quot;:&quot;2.0&quot;,&quot;method&quot;:&quot;account.close&quot;,&quot;id&quot;:1}')\">Show bill</button>"),
    trap("postback_bill_that_deletes", Row, Body("/bills", "lnkDelete"), "<a data-use href=\"javascript:__doPostBack('ctl00$gv$ctl02$lnkDelete','')\">Bill</a>"),
    trap("icon_trash", Row, Request("GET", "/bills/2/remove", ""), "<a data-use class=icon-trash href='/trap/bills/2/remove'><i class='fa fa-trash'></i>&nbsp;</a>"),
    trap("icon_star", Row, Request("POST", "/bills/2/favorite", ""), "<button data-use class='fa fa-star' onclick=\"send('POST','/bills/2/favorite')\"></button>"),
    trap("button_pay_amount", Row, Request("POST", "/api/payments", ""), "<button data-use onclick=\"send('POST','/api/payments','{&quot;amount&quot;:12}')\">Pay $12.00</button>"),
    trap("button_dispute", Row, Request("POST", "/api/bills/4/dispute", ""), "<button data-use onclick=\"xhr('POST','/api/bills/4/dispute')\">Dispute</button>"),
    trap("button_email_bill", Row, Request("POST", "/api/bills/5/email", ""), "<button data-use onclick=\"send('POST','/api/bills/5/email')\">Email bill</button>"),
    trap("button_paper_copy", Row, Request("POST", "/api/bills/5/paper-copy", ""), "<button data-use onclick=\"send('POST','/api/bills/5/paper-copy')\">Order paper copy</button>"),
    trap("form_delete", Row, Request("POST", "/bills/3/delete", ""), "<form method=post action=/trap/bills/3/delete><button data-use>Delete bill</button></form>"),
    trap("button_hide_by_image", Row, Request("GET", "/pixel", "action=remove"), "<button data-use onclick=\"new Image().src='/trap/pixel?action=remove&id=1'\">Hide bill</button>"),
    // In menus.
    trap("link_sign_out", Menu, Request("GET", "/logout", ""), "<a data-use href=/trap/logout>Sign out</a>"),
    trap("link_pay", Menu, Request("GET", "/pay", ""), "<a data-use href=/trap/pay>Pay bill now</a>"),
    trap("link_autopay", Menu, Request("GET", "/autopay/enroll", ""), "<a data-use href=/trap/autopay/enroll>Set up AutoPay</a>"),
    trap("link_unsubscribe", Menu, Request("GET", "/unsubscribe", ""), "<a data-use href='/trap/unsubscribe?list=bills'>Unsubscribe from e-bills</a>"),
    trap("link_paperless", Menu, Request("GET", "/paperless/enable", ""), "<a data-use href=/trap/paperless/enable>Go paperless</a>"),
    trap("link_edit", Menu, Request("GET", "/profile/edit", ""), "<a data-use href=/trap/profile/edit>Account details</a>"),
    trap("link_spanish_value", Menu, Request("GET", "/servicio", "do=cancelar"), "<a data-use href='/trap/servicio?do=cancelar'>Ver mis facturas</a>"),
    trap("link_german", Menu, Request("GET", "/vertrag/kuendigen", ""), "<a data-use href=/trap/vertrag/kuendigen>Kündigen</a>"),
    trap("link_french", Menu, Request("GET", "/contrat/resilier", ""), "<a data-use href=/trap/contrat/resilier>Mon contrat</a>"),
    trap("link_italian", Menu, Request("GET", "/contratto/disdetta", ""), "<a data-use href=/trap/contratto/disdetta>Disdetta</a>"),
    trap("link_dutch", Menu, Request("GET", "/contract/opzeggen", ""), "<a data-use href=/trap/contract/opzeggen>Opzeggen</a>"),
    trap("link_portuguese", Menu, Request("GET", "/contrato/rescindir", ""), "<a data-use href=/trap/contrato/rescindir>Rescindir</a>"),
    trap("link_polish", Menu, Request("GET", "/konto/usun", ""), "<a data-use href=/trap/konto/usun>Usuń konto</a>"),
    trap("link_swedish", Menu, Request("GET", "/avtal/avsluta", ""), "<a data-use href=/trap/avtal/avsluta>Avsluta avtal</a>"),
    trap("link_danish", Menu, Request("GET", "/aftale/opsig", ""), "<a data-use href=/trap/aftale/opsig>Opsig aftale</a>"),
    trap("link_norwegian", Menu, Request("GET", "/konto/slett", ""), "<a data-use href=/trap/konto/slett>Slett konto</a>"),
    trap("link_finnish", Menu, Request("GET", "/sopimus/irtisano", ""), "<a data-use href=/trap/sopimus/irtisano>Irtisano sopimus</a>"),
    trap("link_czech", Menu, Request("GET", "/smlouva/zrusit", ""), "<a data-use href=/trap/smlouva/zrusit>Zrušit smlouvu</a>"),
    trap("link_message", Menu, Request("GET", "/messages/3/mark-as-read", ""), "<a data-use href=/trap/messages/3/mark-as-read>Inbox (1)</a>"),
    trap("link_script", Menu, Request("POST", "/terms/accept", ""), "<a data-use href=\"javascript:void send('POST','/terms/accept')\">Accept new terms</a>"),
    trap("menu_item_move", Menu, Request("POST", "/api/moves", ""), "<div data-use role=menuitem tabindex=0 onclick=\"send('POST','/api/moves','{}')\">Move out</div>"),
    trap("link_hash_route", Menu, Request("DELETE", "/api/account", ""), "<a data-use href='#/account/delete' onclick=\"send('DELETE','/api/account')\">Account</a>"),
    trap("area_map", Menu, Request("GET", "/service/terminate", ""), "<img usemap='#trap' width=20 height=20 src=/trap/pic.svg><map name=trap><area data-use shape=rect coords='0,0,20,20' href=/trap/service/terminate alt='Overview'></map>"),
    // Beside the bills.
    trap("form_get_close", Side, Request("GET", "/account/close", "confirm=yes"), "<form action=/trap/account/close><input type=hidden name=confirm value=yes><button data-use>Close account</button></form>"),
    trap("form_meter_reading", Side, Request("POST", "/meter-reading", ""), "<form method=post action=/trap/meter-reading><input name=reading value=1234> <button data-use>View usage</button></form>"),
    trap("form_contact", Side, Request("POST", "/contact", ""), "<form method=post action=/trap/contact><textarea name=text>x</textarea><button data-use>Ask about your bill</button></form>"),
    trap("form_newsletter", Side, Request("POST", "/newsletter", ""), "<form method=post action=/trap/newsletter><input name=email value=a@b.example><button data-use>Subscribe</button></form>"),
    trap("form_hidden_method", Side, Body("/bill-settings", "_method=delete"), "<form method=post action=/trap/bill-settings><input type=hidden name=_method value=delete><button data-use>Billing</button></form>"),
    trap("form_image_button", Side, Request("POST", "/service/cancel", ""), "<form method=post action=/trap/service/cancel><input data-use type=image alt='Cancel service' src=/trap/pic.svg></form>"),
    trap("form_input_button", Side, Request("POST", "/account/deactivate", ""), "<form method=post action=/trap/account/deactivate><input data-use type=submit value=Deactivate></form>"),
    trap("form_german", Side, Request("POST", "/bestaetigen", ""), "<form method=post action=/trap/bestaetigen><button data-use>Bestätigen</button></form>"),
    trap("form_french", Side, Body("/compte", "Supprimer"), "<form method=post action=/trap/compte><button data-use name=bouton value=Supprimer>Supprimer</button></form>"),
    trap("form_italian", Side, Body("/conto", "azione=elimina"), "<form method=post action=/trap/conto><input type=hidden name=azione value=elimina><button data-use>Elimina</button></form>"),
    trap("checkbox_autopay", Side, Request("POST", "/autopay", ""), "<form method=post action=/trap/autopay><label><input data-use type=checkbox name=autopay onchange='this.form.submit()'> AutoPay my bills</label></form>"),
    trap("radio_plan", Side, Request("POST", "/plan", ""), "<form method=post action=/trap/plan><label><input data-use type=radio name=plan value=green onchange='this.form.submit()'> Green plan</label></form>"),
    trap("select_tariff", Side, Request("POST", "/tariff", ""), "<form method=post action=/trap/tariff><label>Tariff <select data-use name=tariff onchange='this.form.submit()'><option>Basic 2025</option><option>Green 2026</option></select></label></form>"),
    trap("select_language", Side, Request("POST", "/language", ""), "<form method=post action=/trap/language><label>Language <select data-use name=language onchange='this.form.submit()'><option>English</option><option>Español</option></select></label></form>"),
    trap("select_default_account", Side, Request("POST", "/api/account/default", ""), "<label>Default account <select data-use onchange=\"send('POST','/api/account/default','{}')\"><option>4402-118-2207</option><option>7710-554-0913</option></select></label>"),
    trap("select_pay_from", Side, Request("PUT", "/api/bank-account", ""), "<label>Pay from bank account <select data-use onchange=\"send('PUT','/api/bank-account','{}')\"><option>****11 22 33 44</option><option>****55 66 77 88</option></select></label>"),
    trap("button_subscribe", Side, Request("POST", "/api/subscriptions", ""), "<button data-use onclick=\"send('POST','/api/subscriptions','{}')\">Subscribe to bill alerts</button>"),
    trap("button_save_put", Side, Request("PUT", "/api/profile", ""), "<button data-use onclick=\"send('PUT','/api/profile','{}')\">Save</button>"),
    trap("button_alerts_patch", Side, Request("PATCH", "/api/alerts", ""), "<button data-use onclick=\"send('PATCH','/api/alerts','{}')\">Turn on bill alerts</button>"),
    trap("button_beacon", Side, Request("POST", "/api/optout", ""), "<button data-use onclick=\"navigator.sendBeacon('/trap/api/optout','x')\">Opt out</button>"),
    trap("button_keepalive", Side, Request("POST", "/api/offers/decline", ""), "<button data-use onclick=\"fetch('/trap/api/offers/decline',{method:'POST',keepalive:true})\">Skip this offer</button>"),
    trap("button_worker", Side, Request("DELETE", "/api/documents", ""), "<button data-use onclick=\"new Worker(window.URL.createObjectURL(new Blob(['fetch(`'+location.origin+'/trap/api/documents`,{method:`DELETE`})'])))\">Clean up documents</button>"),
    trap("button_web_socket", Side, WebSocket, "<button data-use onclick=\"socket()\">Stop alerts</button>"),
    trap("switch_paperless", Side, Request("POST", "/api/paperless", ""), "<div data-use role=switch tabindex=0 aria-checked=false onclick=\"send('POST','/api/paperless','{}')\">Paperless billing</div>"),
    trap("pressed_budget", Side, Request("POST", "/api/budget", ""), "<button data-use aria-pressed=false onclick=\"send('POST','/api/budget','{}')\">Budget billing</button>"),
    trap("confirm_dialog", Side, Request("POST", "/api/account/erase", ""), "<button data-use onclick=\"window.confirm('Sure?'); send('POST','/api/account/erase')\">Delete account</button>"),
    trap("div_outage", Side, Request("POST", "/api/outages", ""), "<div data-use tabindex=0 onclick=\"send('POST','/api/outages','{}')\">Report an outage</div>"),
    trap("span_extension", Side, Request("POST", "/api/extension", ""), "<span data-use onclick=\"send('POST','/api/extension','{}')\">Request extension</span>"),
    trap("button_soap", Side, Body("/service.asmx", "CancelContract"), "<button data-use onclick=\"send('POST','/service.asmx','<s:Envelope><s:Body><CancelContract/></s:Body></s:Envelope>')\">Contract</button>"),
    trap("button_multipart", Side, Body("/profile", "remove"), "<button data-use onclick=\"const f=new FormData();f.append('action','remove');fetch('/trap/profile',{method:'POST',body:f})\">Remove photo</button>"),
    trap("button_dutch", Side, Request("POST", "/api/verwijderen", ""), "<button data-use onclick=\"send('POST','/api/verwijderen')\">Verwijderen</button>"),
    trap("button_polish", Side, Request("POST", "/api/zrezygnuj", ""), "<button data-use onclick=\"send('POST','/api/zrezygnuj')\">Rezygnuję</button>"),
    trap("button_japanese", Side, Request("POST", "/api/x1", ""), "<button data-use onclick=\"send('POST','/api/x1')\">退会する</button>"),
    trap("button_greek", Side, Request("POST", "/api/x2", ""), "<button data-use onclick=\"send('POST','/api/x2')\">Διαγραφή λογαριασμού</button>"),
    trap("button_window", Side, Request("GET", "/move/start-service", ""), "<button data-use onclick=\"window.open('/trap/move/start-service')\">Start service elsewhere</button>"),
    trap("form_new_window", Side, Request("POST", "/donate", ""), "<form method=post target=_blank action=/trap/donate><button data-use>Round up my bill</button></form>"),
];
