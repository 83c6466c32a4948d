//! The way of an object store's requests: through this program's client, with its certificates, proxies, name
//! resolution, and no redirects.

use std::future::Future;
use std::pin::Pin;

use http_body_util::BodyExt as _;
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse,
    HttpResponseBody, HttpService,
};
use reqwest::Url;

use super::TRANSFER_TIME_MAX;

/// Makes the stores use this program's client.
#[derive(Debug)]
pub(super) struct Connector(pub(super) reqwest::Client);

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(Service(self.0.clone())))
    }
}

#[derive(Debug)]
struct Service(reqwest::Client);

impl HttpService for Service {
    fn call<'service, 'future>(
        &'service self,
        request: HttpRequest,
    ) -> Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'future>>
    where
        'service: 'future,
        Self: 'future,
    {
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let url = Url::parse(&parts.uri.to_string())
                .map_err(|error| HttpError::new(HttpErrorKind::Unknown, error))?;
            // Nothing is written, so bodies are small: a request for a token at most.
            let body = body.collect().await?.to_bytes();
            let mut request = reqwest::Request::new(parts.method, url);
            *request.headers_mut() = parts.headers;
            *request.body_mut() = Some(body.into());
            *request.timeout_mut() = Some(TRANSFER_TIME_MAX);
            let response = self.0.execute(request).await.map_err(failure)?;
            let response = http::Response::<reqwest::Body>::from(response);
            let (parts, body) = response.into_parts();
            let body = HttpResponseBody::new(body.map_err(failure));
            Ok(HttpResponse::from_parts(parts, body))
        })
    }
}

fn failure(error: reqwest::Error) -> HttpError {
    let kind = if error.is_timeout() {
        HttpErrorKind::Timeout
    } else if error.is_connect() {
        HttpErrorKind::Connect
    } else if error.is_decode() {
        HttpErrorKind::Decode
    } else {
        HttpErrorKind::Request
    };
    HttpError::new(kind, error.without_url())
}
