//! The live view's WebSocket: pumps pictures to the viewer and the viewer's hands to the browser.

use axum::extract::ws::WebSocket;

use super::Seat;

/// Serves one viewer until the view is over.
pub async fn pump(_socket: WebSocket, mut seat: Seat) {
    while seat.ended().is_none() {
        seat.changed().await;
    }
}
