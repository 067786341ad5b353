#include "simulator/faults/error_answers.h"

#include <array>

#include "common/strings.h"

namespace picket::simulator {
namespace {

constexpr RequestKinds kBlobBit = KindBit(RequestKind::kBlob);
constexpr RequestKinds kContentBit = KindBit(RequestKind::kContent);
constexpr RequestKinds kStartBit = KindBit(RequestKind::kStart);
constexpr RequestKinds kTokenBit = KindBit(RequestKind::kToken);

// clang-format off
constexpr std::array<ErrorAnswer, 25> kAfAnswers = {{
    {"AF10001", 401, kAllApiKinds, "the token lacks ActivityFeed.Read",
     R"({"error":{"code":"AF10001","message":"The permission set () sent in the request did not include the expected permission ActivityFeed.Read."}})"},
    {"AF20001", 400, kAllApiKinds, "a parameter is missing",
     R"({"error":{"code":"AF20001","message":"Missing parameter: PublisherIdentifier."}})"},
    {"AF20002", 400, kContentBit, "a parameter has the wrong type",
     R"({"error":{"code":"AF20002","message":"Invalid parameter type: startTime. Expected type: DateTime"}})"},
    {"AF20003", 400, kStartBit, "the expiration of a webhook is in the past",
     R"({"error":{"code":"AF20003","message":"Expiration 2015-01-01T00:00:00 provided is set to past date and time."}})"},
    {"AF20010", 401, kAllApiKinds, "the tenant in the URL is not the tenant of the token",
     R"({"error":{"code":"AF20010","message":"The tenant ID passed in the URL (@tenant@) does not match the tenant ID passed in the access token (00000000-0000-4000-8000-000000000000)."}})"},
    {"AF20011", 400, kAllApiKinds, "the tenant does not exist or was deleted",
     R"({"error":{"code":"AF20011","message":"Specified tenant ID (@tenant@) does not exist in the system or has been deleted."}})"},
    {"AF20012", 400, kAllApiKinds, "the tenant is configured incorrectly",
     R"({"error":{"code":"AF20012","message":"Specified tenant ID (@tenant@) is incorrectly configured in the system."}})"},
    {"AF20013", 400, kAllApiKinds, "the tenant in the URL is not a GUID",
     R"({"error":{"code":"AF20013","message":"The tenant ID passed in the URL (@tenant@) is not a valid GUID."}})"},
    {"AF20020", 400, kContentBit | kStartBit, "the content type is invalid",
     R"({"error":{"code":"AF20020","message":"The specified content type is not valid."}})"},
    {"AF20021", 400, kStartBit, "the webhook could not be validated",
     R"({"error":{"code":"AF20021","message":"The webhook endpoint (https://hooks.example/audit) could not be validated."}})"},
    {"AF20022", 400, kContentBit, "there is no subscription",
     R"({"error":{"code":"AF20022","message":"No subscription found for the specified content type."}})"},
    {"AF20023", 400, kContentBit, "an administrator disabled the subscription",
     R"({"error":{"code":"AF20023","message":"The subscription was disabled by a tenant admin."}})"},
    {"AF20024", 400, kStartBit, "the subscription is already enabled",
     R"({"error":{"code":"AF20024","message":"The subscription is already enabled. No property change."}})"},
    {"AF20030", 400, kContentBit, "the window breaks a rule",
     R"({"error":{"code":"AF20030","message":"Start time and end time must both be specified (or both omitted) and must be less than or equal to 24 hours apart, with the start time no more than 7 days in the past."}})"},
    {"AF20031", 400, kContentBit, "the page token is invalid",
     R"({"error":{"code":"AF20031","message":"Invalid nextPage Input: 20260101000000000000000$20260101000000000000000$audit_exchange_emea0036."}})"},
    {"AF20050", 404, kBlobBit, "the content does not exist",
     R"({"error":{"code":"AF20050","message":"The specified content (@id@) does not exist."}})"},
    {"AF20051", 404, kBlobBit, "the content has expired",
     R"({"error":{"code":"AF20051","message":"Content requested with the key @id@ has already expired. Content older than 7 days cannot be retrieved."}})"},
    {"AF20052", 404, kBlobBit, "the content id is invalid",
     R"({"error":{"code":"AF20052","message":"Content ID @id@ in the URL is invalid."}})"},
    {"AF20053", 400, kAllApiKinds, "Accept-Language lists several languages",
     R"({"error":{"code":"AF20053","message":"Only one language may be present in the Accept-Language header."}})"},
    {"AF20054", 400, kAllApiKinds, "Accept-Language is invalid",
     R"({"error":{"code":"AF20054","message":"Invalid syntax in Accept-Language header."}})"},
    {"AF20055", 400, kContentBit, "the window starts more than 7 days back",
     R"({"error":{"code":"AF20055","message":"Start time and end time must both be specified (or both omitted) and must be less than or equal to 24 hours apart, with the start time no more than 7 days in the past."}})"},
    {"AF429", 403, kAllApiKinds, "too many requests",
     R"({"error":{"code":"AF429","message":"Too many requests. Method=GetBlob, PublisherId=@tenant@"}})"},
    {"AF50000", 500, kAllApiKinds, "internal error",
     R"({"error":{"code":"AF50000","message":"An internal error occurred. Retry the request."}})"},
    {"AF50005", 500, kAllApiKinds, "internal error",
     R"({"error":{"code":"AF50005","message":"An internal error occurred. Retry the request."}})"},
    {"AF50006", 500, kAllApiKinds, "internal error",
     R"({"error":{"code":"AF50006","message":"An internal error occurred. Retry the request."}})"},
}};

constexpr std::array<ErrorAnswer, 32> kAadstsAnswers = {{
    {"90002", 400, kTokenBit, "the tenant does not exist in this cloud",
     R"({"error":"invalid_request","error_description":"AADSTS90002: Tenant '@tenant@' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant. Trace ID: 8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00 Correlation ID: 2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00 Timestamp: @time@","error_codes":[90002],"timestamp":"@time@","trace_id":"8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00","correlation_id":"2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00","error_uri":"https://login.microsoftonline.com/error?code=90002"})"},
    {"90038", 400, kTokenBit, "the tenant belongs to a national cloud",
     R"({"error":"invalid_request","error_description":"AADSTS90038: Tenant '@tenant@' request is being redirected to the National Cloud 'MicrosoftOnline.US'. Trace ID: 8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00 Correlation ID: 2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00 Timestamp: @time@","error_codes":[90038],"timestamp":"@time@","trace_id":"8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00","correlation_id":"2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00","error_uri":"https://login.microsoftonline.com/error?code=90038"})"},
    {"900382", 400, kTokenBit, "the cloud does not serve a confidential client of another cloud",
     R"({"error":"invalid_client","error_description":"AADSTS900382: Confidential Client is not supported in Cross Cloud request. Trace ID: 8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00 Correlation ID: 2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00 Timestamp: @time@","error_codes":[900382],"timestamp":"@time@","trace_id":"8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00","correlation_id":"2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00","error_uri":"https://login.microsoftonline.com/error?code=900382"})"},
    {"900432", 400, kTokenBit, "the cloud does not serve a confidential client of another cloud",
     R"({"error":"invalid_client","error_description":"AADSTS900432: Confidential Client is not supported in Cross Cloud request. Trace ID: 8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00 Correlation ID: 2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00 Timestamp: @time@","error_codes":[900432],"timestamp":"@time@","trace_id":"8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00","correlation_id":"2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00","error_uri":"https://login.microsoftonline.com/error?code=900432"})"},
    {"700016", 400, kTokenBit, "the application is not known in the tenant",
     R"({"error":"unauthorized_client","error_description":"AADSTS700016: Application with identifier '@client@' was not found in the directory '@tenant@'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant. Trace ID: 8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00 Correlation ID: 2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00 Timestamp: @time@","error_codes":[700016],"timestamp":"@time@","trace_id":"8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00","correlation_id":"2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00","error_uri":"https://login.microsoftonline.com/error?code=700016"})"},
    {"700011", 400, kTokenBit, "the application is not known in the tenant",
     R"({"error":"unauthorized_client","error_description":"AADSTS700011: Application with identifier '@client@' was not found in the directory. Trace ID: 8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00 Correlation ID: 2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00 Timestamp: @time@","error_codes":[700011],"timestamp":"@time@","trace_id":"8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00","correlation_id":"2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00","error_uri":"https://login.microsoftonline.com/error?code=700011"})"},
    {"7000112", 401, kTokenBit, "the application is disabled",
     R"({"error":"unauthorized_client","error_description":"AADSTS7000112: Application '@client@' is disabled. Trace ID: 8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00 Correlation ID: 2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00 Timestamp: @time@","error_codes":[7000112],"timestamp":"@time@","trace_id":"8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00","correlation_id":"2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00","error_uri":"https://login.microsoftonline.com/error?code=7000112"})"},
    {"70001", 400, kTokenBit, "the application is disabled or not installed",
     R"({"error":"unauthorized_client","error_description":"AADSTS70001: The application named '@client@' was not found in the tenant named '@tenant@'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. Trace ID: 8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00 Correlation ID: 2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00 Timestamp: @time@","error_codes":[70001],"timestamp":"@time@","trace_id":"8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00","correlation_id":"2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00","error_uri":"https://login.microsoftonline.com/error?code=70001"})"},
    {"7000215", 401, kTokenBit, "the secret is wrong",
     R"({"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '@client@'. Trace ID: 8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00 Correlation ID: 2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00 Timestamp: @time@","error_codes":[7000215],"timestamp":"@time@","trace_id":"8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00","correlation_id":"2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00","error_uri":"https://login.microsoftonline.com/error?code=7000215"})"},
    {"7000222", 401, kTokenBit, "the secret has expired",
     R"({"error":"invalid_client","error_description":"AADSTS7000222: The provided client secret keys for app '@client@' are expired. Visit the Azure portal to create new keys for your app, or consider using certificate credentials for added security. Trace ID: 8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00 Correlation ID: 2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00 Timestamp: @time@","error_codes":[7000222],"timestamp":"@time@","trace_id":"8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00","correlation_id":"2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00","error_uri":"https://login.microsoftonline.com/error?code=7000222"})"},
    {"7000218", 401, kTokenBit, "no credential was sent",
     R"({"error":"invalid_client","error_description":"AADSTS7000218: The request body must contain the following parameter: 'client_assertion' or 'client_secret'. Trace ID: 8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00 Correlation ID: 2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00 Timestamp: @time@","error_codes":[7000218],"timestamp":"@time@","trace_id":"8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00","correlation_id":"2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00","error_uri":"https://login.microsoftonline.com/error?code=7000218"})"},
    {"900144", 400, kTokenBit, "a parameter of the form is missing",
     R"({"error":"invalid_request","error_description":"AADSTS900144: The request body must contain the following parameter: 'client_id'. Trace ID: 8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00 Correlation ID: 2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00 Timestamp: @time@","error_codes":[900144],"timestamp":"@time@","trace_id":"8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00","correlation_id":"2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00","error_uri":"https://login.microsoftonline.com/error?code=900144"})"},
    {"700027", 401, kTokenBit, "the certificate is not registered, or the signature is wrong",
     R"({"error":"invalid_client","error_description":"AADSTS700027: The certificate with identifier used to sign the client assertion is not registered on application. [Reason - The key was not found.] Trace ID: 8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00 Correlation ID: 2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00 Timestamp: @time@","error_codes":[700027],"timestamp":"@time@","trace_id":"8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00","correlation_id":"2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00","error_uri":"https://login.microsoftonline.com/error?code=700027"})"},
    {"50012", 401, kTokenBit, "the client assertion is invalid",
     R"({"error":"invalid_client","error_description":"AADSTS50012: Authentication failed. Client assertion contains an invalid signature. Trace ID: 8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00 Correlation ID: 2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00 Timestamp: @time@","error_codes":[50012],"timestamp":"@time@","trace_id":"8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00","correlation_id":"2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00","error_uri":"https://login.microsoftonline.com/error?code=50012"})"},
    {"700030", 401, kTokenBit, "the certificate is invalid",
     R"({"error":"invalid_client","error_description":"AADSTS700030: Invalid certificate - subject name in certificate is not authorized. Trace ID: 8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00 Correlation ID: 2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00 Timestamp: @time@","error_codes":[700030],"timestamp":"@time@","trace_id":"8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00","correlation_id":"2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00","error_uri":"https://login.microsoftonline.com/error?code=700030"})"},
    {"500133", 401, kTokenBit, "the client assertion is not within its time",
     R"({"error":"invalid_client","error_description":"AADSTS500133: Assertion is not within its valid time range. Ensure that the access token is not expired before using it for user assertion, or request a new token. Trace ID: 8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00 Correlation ID: 2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00 Timestamp: @time@","error_codes":[500133],"timestamp":"@time@","trace_id":"8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00","correlation_id":"2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00","error_uri":"https://login.microsoftonline.com/error?code=500133"})"},
    {"50013", 401, kTokenBit, "the client assertion is invalid",
     R"({"error":"invalid_grant","error_description":"AADSTS50013: Assertion failed signature validation. [Reason - The key was not found.] Trace ID: 8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00 Correlation ID: 2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00 Timestamp: @time@","error_codes":[50013],"timestamp":"@time@","trace_id":"8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00","correlation_id":"2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00","error_uri":"https://login.microsoftonline.com/error?code=50013"})"},
    {"70021", 400, kTokenBit, "no federated credential matches the assertion",
     R"({"error":"invalid_request","error_description":"AADSTS70021: No matching federated identity record found for presented assertion. Trace ID: 8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00 Correlation ID: 2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00 Timestamp: @time@","error_codes":[70021],"timestamp":"@time@","trace_id":"8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00","correlation_id":"2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00","error_uri":"https://login.microsoftonline.com/error?code=70021"})"},
    {"700211", 401, kTokenBit, "no federated credential has the issuer of the assertion",
     R"({"error":"invalid_client","error_description":"AADSTS700211: No matching federated identity record found for presented assertion issuer 'https://issuer.example'. Trace ID: 8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00 Correlation ID: 2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00 Timestamp: @time@","error_codes":[700211],"timestamp":"@time@","trace_id":"8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00","correlation_id":"2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00","error_uri":"https://login.microsoftonline.com/error?code=700211"})"},
    {"700212", 401, kTokenBit, "no federated credential has the audience of the assertion",
     R"({"error":"invalid_client","error_description":"AADSTS700212: No matching federated identity record found for presented assertion audience 'api://other'. Trace ID: 8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00 Correlation ID: 2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00 Timestamp: @time@","error_codes":[700212],"timestamp":"@time@","trace_id":"8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00","correlation_id":"2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00","error_uri":"https://login.microsoftonline.com/error?code=700212"})"},
    {"700213", 401, kTokenBit, "no federated credential has the subject of the assertion",
     R"({"error":"invalid_client","error_description":"AADSTS700213: No matching federated identity record found for presented assertion subject 'system:other'. Trace ID: 8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00 Correlation ID: 2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00 Timestamp: @time@","error_codes":[700213],"timestamp":"@time@","trace_id":"8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00","correlation_id":"2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00","error_uri":"https://login.microsoftonline.com/error?code=700213"})"},
    {"70011", 400, kTokenBit, "the scope is invalid",
     R"({"error":"invalid_scope","error_description":"AADSTS70011: The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid. The scope @resource@ is not valid. Trace ID: 8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00 Correlation ID: 2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00 Timestamp: @time@","error_codes":[70011],"timestamp":"@time@","trace_id":"8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00","correlation_id":"2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00","error_uri":"https://login.microsoftonline.com/error?code=70011"})"},
    {"28002", 400, kTokenBit, "the scope is invalid",
     R"({"error":"invalid_request","error_description":"AADSTS28002: Provided value for the input parameter scope '@resource@' is not valid when requesting an access token. Trace ID: 8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00 Correlation ID: 2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00 Timestamp: @time@","error_codes":[28002],"timestamp":"@time@","trace_id":"8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00","correlation_id":"2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00","error_uri":"https://login.microsoftonline.com/error?code=28002"})"},
    {"500011", 400, kTokenBit, "the resource is not known in the tenant",
     R"({"error":"invalid_resource","error_description":"AADSTS500011: The resource principal named @resource@ was not found in the tenant named '@tenant@'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. Trace ID: 8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00 Correlation ID: 2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00 Timestamp: @time@","error_codes":[500011],"timestamp":"@time@","trace_id":"8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00","correlation_id":"2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00","error_uri":"https://login.microsoftonline.com/error?code=500011"})"},
    {"650052", 400, kTokenBit, "the tenant has no service principal of the resource",
     R"({"error":"invalid_client","error_description":"AADSTS650052: The app is trying to access a service '@resource@' (Office 365 Management APIs) that your organization '@tenant@' lacks a service principal for. Contact your IT Admin to review the configuration of your service subscriptions. Trace ID: 8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00 Correlation ID: 2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00 Timestamp: @time@","error_codes":[650052],"timestamp":"@time@","trace_id":"8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00","correlation_id":"2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00","error_uri":"https://login.microsoftonline.com/error?code=650052"})"},
    {"650057", 400, kTokenBit, "the application does not list the resource",
     R"({"error":"invalid_resource","error_description":"AADSTS650057: Invalid resource. The client has requested access to a resource which is not listed in the requested permissions in the client's application registration. Client app ID: @client@. Trace ID: 8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00 Correlation ID: 2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00 Timestamp: @time@","error_codes":[650057],"timestamp":"@time@","trace_id":"8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00","correlation_id":"2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00","error_uri":"https://login.microsoftonline.com/error?code=650057"})"},
    {"901002", 400, kTokenBit, "the parameter resource is not supported",
     R"({"error":"invalid_request","error_description":"AADSTS901002: The 'resource' request parameter is not supported. Trace ID: 8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00 Correlation ID: 2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00 Timestamp: @time@","error_codes":[901002],"timestamp":"@time@","trace_id":"8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00","correlation_id":"2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00","error_uri":"https://login.microsoftonline.com/error?code=901002"})"},
    {"53003", 400, kTokenBit, "conditional access blocks the application",
     R"({"error":"access_denied","error_description":"AADSTS53003: Access has been blocked by Conditional Access policies. The access policy does not allow token issuance. Trace ID: 8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00 Correlation ID: 2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00 Timestamp: @time@","error_codes":[53003],"timestamp":"@time@","trace_id":"8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00","correlation_id":"2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00","error_uri":"https://login.microsoftonline.com/error?code=53003"})"},
    {"50196", 400, kTokenBit, "too many equal requests",
     R"({"error":"invalid_grant","error_description":"AADSTS50196: The server terminated an operation because it encountered a client request loop. Please contact your app vendor. Trace ID: 8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00 Correlation ID: 2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00 Timestamp: @time@","error_codes":[50196],"timestamp":"@time@","trace_id":"8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00","correlation_id":"2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00","error_uri":"https://login.microsoftonline.com/error?code=50196"})"},
    {"90055", 429, kTokenBit, "too many requests",
     R"({"error":"temporarily_unavailable","error_description":"AADSTS90055: The server is terminating this request because of the amount of concurrent requests for the tenant. Trace ID: 8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00 Correlation ID: 2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00 Timestamp: @time@","error_codes":[90055],"timestamp":"@time@","trace_id":"8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00","correlation_id":"2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00","error_uri":"https://login.microsoftonline.com/error?code=90055"})"},
    {"90006", 503, kTokenBit, "the service is temporarily not available",
     R"({"error":"temporarily_unavailable","error_description":"AADSTS90006: External server sent retryable error. Try again. Trace ID: 8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00 Correlation ID: 2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00 Timestamp: @time@","error_codes":[90006],"timestamp":"@time@","trace_id":"8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00","correlation_id":"2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00","error_uri":"https://login.microsoftonline.com/error?code=90006"})"},
    {"90033", 503, kTokenBit, "the service is temporarily not available",
     R"({"error":"temporarily_unavailable","error_description":"AADSTS90033: A transient error has occurred. Please try again. Trace ID: 8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00 Correlation ID: 2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00 Timestamp: @time@","error_codes":[90033],"timestamp":"@time@","trace_id":"8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00","correlation_id":"2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00","error_uri":"https://login.microsoftonline.com/error?code=90033"})"},
}};
// clang-format on

const ErrorAnswer* FindAnswer(absl::Span<const ErrorAnswer> answers, std::string_view code) {
  for (const ErrorAnswer& answer : answers) {
    if (EqualsIgnoreCase(answer.code, code)) return &answer;
  }
  return nullptr;
}

}  // namespace

absl::Span<const ErrorAnswer> AfAnswers() { return kAfAnswers; }
absl::Span<const ErrorAnswer> AadstsAnswers() { return kAadstsAnswers; }

const ErrorAnswer* FindAfAnswer(std::string_view code) { return FindAnswer(kAfAnswers, code); }

const ErrorAnswer* FindAadstsAnswer(std::string_view code) {
  constexpr std::string_view kPrefix = "AADSTS";
  if (code.size() > kPrefix.size() && EqualsIgnoreCase(code.substr(0, kPrefix.size()), kPrefix)) {
    code.remove_prefix(kPrefix.size());
  }
  return FindAnswer(kAadstsAnswers, code);
}

std::string FillAnswer(std::string_view body, const AnswerValues& values) {
  const std::array<std::pair<std::string_view, std::string_view>, 6> placeholders = {
      {{"@tenant@", values.tenant},
       {"@client@", values.client},
       {"@type@", values.type},
       {"@id@", values.id},
       {"@resource@", values.resource},
       {"@time@", values.time}}};
  std::string out;
  while (!body.empty()) {
    const size_t at = std::min(body.find('@'), body.size());
    out.append(body.substr(0, at));
    body.remove_prefix(at);
    if (body.empty()) break;
    bool found = false;
    for (const auto& [name, value] : placeholders) {
      if (!body.starts_with(name)) continue;
      found = true;
      body.remove_prefix(name.size());
      if (value.empty()) out.append("unknown");
      for (const char c : value) {
        if (static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\') out.push_back(c);
      }
      break;
    }
    if (!found) {
      out.push_back('@');
      body.remove_prefix(1);
    }
  }
  return out;
}

}  // namespace picket::simulator
