//! Pages still to visit, best first; none twice.

use std::collections::HashSet;

use url::Url;

/// A page that the discovery has not visited yet.
#[derive(Debug, Clone)]
pub struct QueuedPage {
    /// The URL of the page.
    pub url: Url,
    /// How likely the page leads to bills; the highest is visited first.
    pub score: i32,
    /// Pages between the landing page and it.
    pub depth: usize,
    /// It is the page of one bill.
    pub detail: bool,
}

impl QueuedPage {
    /// The page of one bill, whose file may be there.
    pub fn of_bill(url: Url) -> Self {
        Self {
            url,
            score: 88,
            depth: 1,
            detail: true,
        }
    }
}

/// The pages that are still to be visited, the most promising first.
#[derive(Debug, Default)]
pub struct PageQueue {
    items: Vec<QueuedPage>,
    known: HashSet<String>,
    /// Shapes of addresses behind which bills were.
    bill_shapes: HashSet<String>,
}

const ITEMS_MAX: usize = 500;
const DEPTH_MAX: usize = 8;

impl PageQueue {
    /// Adds a page that was neither visited nor added. A better score for one that waits counts.
    pub fn add(&mut self, mut item: QueuedPage) {
        if shape(&item.url).is_some_and(|shape| self.bill_shapes.contains(&shape)) {
            item.score = item.score.max(SIBLING);
        }
        let key = key(item.url.as_str());
        if let Some(waiting) = self
            .items
            .iter_mut()
            .find(|waiting| self::key(waiting.url.as_str()) == key)
        {
            waiting.score = waiting.score.max(item.score);
            waiting.detail |= item.detail;
            return;
        }
        if self.items.len() < ITEMS_MAX && item.depth <= DEPTH_MAX && self.known.insert(key) {
            self.items.push(item);
        }
    }

    /// Bills were found behind an address: others of its shape are as good.
    pub fn gave_bills(&mut self, url: &Url) {
        let Some(shape) = shape(url) else { return };
        for item in &mut self.items {
            if self::shape(&item.url).as_ref() == Some(&shape) {
                item.score = item.score.max(SIBLING);
            }
        }
        self.bill_shapes.insert(shape);
    }

    /// Need not be visited any more.
    pub fn visited(&mut self, url: &str) {
        let key = key(url);
        self.items
            .retain(|item| self::key(item.url.as_str()) != key);
        self.known.insert(key);
    }

    /// The best page, if it is worth at least this much; of equals the one seen first.
    pub fn next(&mut self, least: i32) -> Option<QueuedPage> {
        let (at, _) = self
            .items
            .iter()
            .enumerate()
            .filter(|(_, item)| item.score >= least)
            .max_by_key(|(i, item)| (item.score, std::cmp::Reverse(*i)))?;
        Some(self.items.remove(at))
    }
}

/// What a page is worth of which an equal one gave bills.
const SIBLING: i32 = 87;

/// An address without what differs between pages of one kind: numbers and long ids. `None` when there is none of these.
fn shape(url: &Url) -> Option<String> {
    let varies = |part: &str| part.chars().any(|c| c.is_ascii_digit()) || part.len() >= 24;
    let mut any = false;
    let mut shaped = |part: &str| {
        if varies(part) {
            any = true;
            "*".to_owned()
        } else {
            part.to_owned()
        }
    };
    let path: Vec<String> = url.path().split('/').map(&mut shaped).collect();
    let query: Vec<String> = url
        .query_pairs()
        .map(|(name, value)| format!("{name}={}", shaped(&value)))
        .collect();
    let route: Vec<String> = url
        .fragment()
        .unwrap_or("")
        .split('/')
        .map(&mut shaped)
        .collect();
    any.then(|| {
        format!(
            "{:?} {} {} {}",
            url.host_str(),
            path.join("/"),
            query.join("&"),
            route.join("/")
        )
    })
}

/// A fragment names another page only in applications that route by it (`#/bills`, `#!bills`).
fn key(url: &str) -> String {
    match url.split_once('#') {
        Some((page, fragment)) if !fragment.starts_with(['/', '!']) => page.to_owned(),
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(url: &str, score: i32) -> QueuedPage {
        QueuedPage {
            url: url.parse().expect("a URL"),
            score,
            depth: 1,
            detail: false,
        }
    }

    #[test]
    fn pages_of_the_shape_that_gave_bills_come_first() {
        let mut queue = PageQueue::default();
        for url in [
            "https://a.example/order/1?v=b",
            "https://a.example/profile",
            "https://a.example/order/2?v=b",
            "https://a.example/index?page=help",
        ] {
            queue.add(item(url, 30));
        }
        queue.gave_bills(&"https://a.example/order/1?v=b".parse().expect("a URL"));
        queue.gave_bills(&"https://a.example/index?page=bills".parse().expect("a URL"));
        queue.add(item("https://a.example/order/3?v=b", 30));
        let mut order = Vec::new();
        while let Some(next) = queue.next(50) {
            order.push(next.url.path().to_owned());
        }
        assert_eq!(order, ["/order/1", "/order/2", "/order/3"]);
    }

    #[test]
    fn best_first_and_none_twice() {
        let mut queue = PageQueue::default();
        queue.visited("https://a.example/");
        for (url, score) in [
            ("https://a.example/#top", 99),
            ("https://a.example/x", 10),
            ("https://a.example/bills", 80),
            ("https://a.example/#/bills", 70),
            ("https://a.example/x", 75),
        ] {
            queue.add(item(url, score));
        }
        let mut order = Vec::new();
        while let Some(next) = queue.next(5) {
            order.push(next.url.to_string());
        }
        assert_eq!(
            order,
            [
                "https://a.example/bills",
                "https://a.example/x",
                "https://a.example/#/bills"
            ]
        );
        queue.add(item("https://a.example/x", 90));
        assert!(queue.next(5).is_none());
    }
}
