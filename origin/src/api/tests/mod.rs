mod app;
mod bills;
mod companies;
mod connections;
mod door;
mod links;
mod openapi;

use app::{Organization, TestApp};
