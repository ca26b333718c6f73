//! A provider: what it says of itself, where it signs people in, and whom it has signed in.

use chrono::DateTime;
use openidconnect::{
    AuthType, AuthenticationFlow, AuthorizationCode, ClientId, ClientSecret, DiscoveryError,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, IssuerUrl, LoginHint, OAuth2TokenResponse as _,
    PkceCodeChallenge, RedirectUrl, Scope, TokenResponse as _,
    core::{
        CoreClient, CoreClientAuthMethod, CoreGenderClaim, CoreJwsSigningAlgorithm,
        CoreProviderMetadata, CoreResponseType, CoreTokenResponse,
    },
};
use openidconnect::{EmptyAdditionalClaims, UserInfoClaims};
use shared::time::UnixMillis;
use url::Url;
use zeroize::Zeroizing;

use super::{
    Attempt,
    http::{GuardedHttp, HttpFault},
};
use crate::webhooks::EndpointAddresses;

/// Signatures that are taken: those that only the provider can make. With a shared secret either side could.
const SIGNATURES: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];
/// The longest name of an account at a provider, in bytes, as the specification has it.
const SUBJECT_MAX: usize = 255;

/// How the console is known at a provider.
pub struct Registration {
    /// Its name there.
    pub client_id: String,
    /// Its secret there.
    pub secret: Zeroizing<String>,
    /// The address that the provider leads back to.
    pub redirect: Url,
}

/// Whom a provider signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The provider's name for the account: it stays when the address changes.
    pub subject: String,
    /// The account's address in small letters, where the provider says that it is the account's.
    pub verified_email: Option<String>,
}

/// Why a provider is of no use, or lets nobody in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// Its address, or one that it names, is none that may be reached.
    #[error("an address must not be reached")]
    Blocked,
    /// It does not answer in time.
    #[error("no answer")]
    Unreachable,
    /// It says more than what is read.
    #[error("an answer is too long")]
    TooLong,
    /// It says nothing of itself that OpenID Connect knows.
    #[error("no OpenID Connect provider")]
    NotOne,
    /// It says that it is another one.
    #[error("another issuer")]
    OtherIssuer,
    /// It does not take the code, or does not know the console.
    #[error("the code was refused")]
    Refused,
    /// What it says of the person does not hold.
    #[error("the ID token does not hold")]
    Untrusted,
}

impl From<HttpFault> for ProviderError {
    fn from(fault: HttpFault) -> Self {
        match fault {
            HttpFault::Blocked => Self::Blocked,
            HttpFault::Unreachable => Self::Unreachable,
            HttpFault::TooLong => Self::TooLong,
        }
    }
}

impl From<DiscoveryError<HttpFault>> for ProviderError {
    fn from(error: DiscoveryError<HttpFault>) -> Self {
        match error {
            DiscoveryError::Request(fault) => fault.into(),
            DiscoveryError::Validation(_) => Self::OtherIssuer,
            _ => Self::NotOne,
        }
    }
}

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// A provider as it describes itself now.
pub struct Provider<'a> {
    metadata: CoreProviderMetadata,
    addresses: &'a EndpointAddresses,
}

impl<'a> Provider<'a> {
    /// Asks the provider what it is, and for its keys. People write its address with or without a slash at the end; which of
    /// the two it is, it says itself.
    ///
    /// # Errors
    /// [`ProviderError`] says what the provider did wrong, or that it was not reached.
    pub async fn discover(
        addresses: &'a EndpointAddresses,
        issuer: &str,
    ) -> Result<Self, ProviderError> {
        let other = match issuer.strip_suffix('/') {
            Some(without) => without.to_owned(),
            None => format!("{issuer}/"),
        };
        let metadata = match ask(addresses, issuer.to_owned()).await {
            Err(ProviderError::OtherIssuer) => ask(addresses, other).await?,
            asked => asked?,
        };
        let begins = metadata.authorization_endpoint().url();
        if addresses.check(begins.as_str()).is_err() {
            return Err(ProviderError::Blocked);
        }
        if metadata.token_endpoint().is_none() {
            return Err(ProviderError::NotOne);
        }
        Ok(Self {
            metadata,
            addresses,
        })
    }

    /// Its name for itself, as it spells it.
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.metadata.issuer().as_str()
    }

    /// Where a browser is led to sign in.
    #[must_use]
    pub fn sign_in_address(&self, at: &Registration, attempt: &Attempt, email: &str) -> Url {
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&attempt.verifier());
        let (state, nonce) = (attempt.state(), attempt.nonce());
        let client = self.client(at);
        let request = client
            .authorize_url(
                AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
                move || state,
                move || nonce,
            )
            .add_scope(Scope::new("email".into()))
            .set_login_hint(LoginHint::new(email.to_owned()))
            .set_pkce_challenge(challenge);
        request.url().0
    }

    /// Trades the code that a browser brought for whom the provider has signed in.
    ///
    /// # Errors
    /// [`ProviderError`] says what the provider did wrong, or that it was not reached.
    pub async fn identity(
        &self,
        at: &Registration,
        attempt: &Attempt,
        code: String,
        now: UnixMillis,
    ) -> Result<Identity, ProviderError> {
        let client = self.client(at);
        let http = GuardedHttp(self.addresses);
        let asking = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|_| ProviderError::NotOne)?
            .set_pkce_verifier(attempt.verifier());
        let answer: CoreTokenResponse =
            asking
                .request_async(&http)
                .await
                .map_err(|error| match error {
                    openidconnect::RequestTokenError::Request(fault) => fault.into(),
                    _ => ProviderError::Refused,
                })?;
        let now = DateTime::from_timestamp_millis(now.0).ok_or(ProviderError::Untrusted)?;
        let verifier = client
            .id_token_verifier()
            .set_allowed_algs(SIGNATURES)
            .set_time_fn(move || now);
        let token = answer.id_token().ok_or(ProviderError::Untrusted)?;
        let claims = token
            .claims(&verifier, &attempt.nonce())
            .map_err(|_| ProviderError::Untrusted)?;
        let subject = claims.subject();
        if subject.is_empty() || subject.len() > SUBJECT_MAX {
            return Err(ProviderError::Untrusted);
        }
        let mut email = claims.email().cloned();
        let mut is_verified = claims.email_verified();
        if email.is_none() || is_verified.is_none() {
            // Some say it here alone. Who has been here before needs no address, so nothing is lost where it fails.
            let token = answer.access_token().clone();
            if let Ok(asking) = client.user_info(token, Some(subject.clone())) {
                let told: Result<UserInfoClaims<EmptyAdditionalClaims, CoreGenderClaim>, _> =
                    asking.request_async(&http).await;
                if let Ok(told) = told {
                    email = told.email().cloned();
                    is_verified = told.email_verified();
                }
            }
        }
        let verified = email.filter(|_| is_verified == Some(true));
        Ok(Identity {
            subject: subject.to_string(),
            verified_email: verified.map(|email| email.to_lowercase()),
        })
    }

    fn client(&self, at: &Registration) -> Client {
        let id = ClientId::new(at.client_id.clone());
        let secret = ClientSecret::new(at.secret.to_string());
        let methods = self.metadata.token_endpoint_auth_methods_supported();
        let is_in_body = methods.is_some_and(|methods| {
            methods.contains(&CoreClientAuthMethod::ClientSecretPost)
                && !methods.contains(&CoreClientAuthMethod::ClientSecretBasic)
        });
        let auth_type = if is_in_body {
            AuthType::RequestBody
        } else {
            AuthType::BasicAuth
        };
        CoreClient::from_provider_metadata(self.metadata.clone(), id, Some(secret))
            .set_auth_type(auth_type)
            .set_redirect_uri(RedirectUrl::from_url(at.redirect.clone()))
    }
}

async fn ask(
    addresses: &EndpointAddresses,
    issuer: String,
) -> Result<CoreProviderMetadata, ProviderError> {
    let issuer = IssuerUrl::new(issuer).map_err(|_| ProviderError::NotOne)?;
    let http = GuardedHttp(addresses);
    Ok(CoreProviderMetadata::discover_async(issuer, &http).await?)
}
