mod app;
mod audit;
mod bills;
mod brand;
mod companies;
mod connection_change;
mod connections;
mod door;
mod idempotency;
mod keys;
mod link_secrets;
mod links;
mod openapi;
mod problems;
mod redirect_origins;
mod update_links;
mod webhooks;

use app::{Organization, TestApp};
