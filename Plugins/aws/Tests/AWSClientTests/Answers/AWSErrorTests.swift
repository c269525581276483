import ConnectorHTTP
import Foundation
import Testing

@testable import AWSClient

@Suite struct AWSErrorTests {
  private func error(
    _ service: String, _ status: Int, _ body: String, headers: HTTPHeaders = [:], operation: String = "Operation",
    keys: AWSCredentials? = nil
  ) -> AWSError? {
    AWSError.reading(
      AWSResponse(status: status, headers: headers, body: Data(body.utf8)),
      of: Call(service: service, operation: operation, method: "POST"), hiding: keys)
  }

  @Test func everyDialectIsRead() throws {
    let ec2 = try #require(
      error(
        "ec2", 400,
        "<Response><Errors><Error><Code>InvalidAMIID.NotFound</Code><Message>no such\nimage</Message></Error></Errors>"
          + "<RequestID>r-2</RequestID></Response>"))
    #expect(ec2.code == "InvalidAMIID.NotFound" && ec2.message == "no such image" && ec2.requestId == "r-2")
    #expect(!ec2.isRetryable)
    let sts = try #require(
      error(
        "sts", 403,
        "<ErrorResponse xmlns=\"x\"><Error><Type>Sender</Type><Code>ExpiredToken</Code><Message>old</Message></Error>"
          + "<RequestId>r-3</RequestId></ErrorResponse>"))
    #expect(sts.code == "ExpiredToken" && sts.isExpired && sts.requestId == "r-3")
    let s3 = try #require(error("s3", 404, "<Error><Code>NoSuchUpload</Code><Message>gone</Message></Error>"))
    #expect(s3.code == "NoSuchUpload")
    let ebs = try #require(
      error(
        "ebs", 400, "{\"Message\": \"slow down\", \"Reason\": \"ACCOUNT_THROTTLED\"}",
        headers: ["x-amzn-ErrorType": "RequestThrottledException:http://internal.amazon.com/coral/"]))
    #expect(ebs.code == "RequestThrottledException" && ebs.reason == "ACCOUNT_THROTTLED" && ebs.isThrottled)
    let pricing = try #require(
      error("pricing", 400, "{\"__type\": \"com.amazonaws#AccessDeniedException\", \"message\": \"no\"}"))
    #expect(pricing.code == "AccessDeniedException" && !pricing.isRetryable)
  }

  /// Status, code, and whether another attempt is worth it or fewer are asked for.
  @Test(arguments: [
    ("ec2", 503, "RequestLimitExceeded", true, true), ("ebs", 400, "ThrottlingException", true, true),
    ("s3", 503, "SlowDown", true, true), ("s3", 400, "RequestTimeout", true, false),
    ("ec2", 500, "InternalError", true, false), ("ec2", 500, "InsufficientInstanceCapacity", false, false),
    ("ec2", 503, "Unavailable", true, false), ("ebs", 409, "ConflictException", false, false),
    ("ebs", 402, "ServiceQuotaExceededException", false, false), ("ec2", 403, "UnauthorizedOperation", false, false),
    ("ec2", 400, "VcpuLimitExceeded", false, false),
  ])
  func attemptsAreJudged(_ service: String, _ status: Int, _ code: String, _ retries: Bool, _ throttled: Bool) {
    let said = error(service, status, "<Error><Code>\(code)</Code><Message>m</Message></Error>")
    #expect(said?.isRetryable == retries)
    #expect(said?.isThrottled == throttled)
  }

  @Test func ebsSaysWhatToSendAgainInItsMessage() {
    let headers: HTTPHeaders = ["x-amzn-ErrorType": "ValidationException"]
    #expect(error("ebs", 400, "{\"Message\": \"Failed to read block data\"}", headers: headers)?.isRetryable == true)
    #expect(error("ebs", 400, "{\"Message\": \"wrong\"}", headers: headers)?.isRetryable == false)
    #expect(
      error("ebs", 400, "{\"Message\": \"\", \"Reason\": \"WRITE_REQUEST_TIMEOUT\"}", headers: headers)?.isRetryable
        == true)
  }

  @Test(arguments: [
    "<html><body>Bad Gateway</body></html>", "", "{", "[1]", "<!DOCTYPE x []><Error><Code>a</Code></Error>",
  ])
  func anAnswerWithoutACodeIsItsStatus(_ body: String) {
    let said = error("ec2", 502, body)
    #expect(said?.code == AWSError.Codes.httpStatus)
    #expect(said?.isRetryable == true)
    #expect(error("ec2", 403, body)?.isRetryable == false)
  }

  /// S3 tells a failed completion in the body of a 200.
  @Test func aSuccessMayHideAnError() {
    let body = "<Error><Code>InternalError</Code><Message>try again</Message></Error>"
    let said = error("s3", 200, body, operation: "CompleteMultipartUpload")
    #expect(said?.code == "InternalError")
    #expect(said?.isRetryable == true)
    #expect(error("s3", 200, "<CompleteMultipartUploadResult/>", operation: "CompleteMultipartUpload") == nil)
    #expect(error("s3", 200, body, operation: "GetObject") == nil)
  }

  @Test func noKeyIsRepeated() throws {
    let keys = AWSCredentials(accessKeyId: "AKIA", secretAccessKey: "the/secret", sessionToken: "the+token")
    let said = try #require(
      error(
        "sts", 403,
        "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>It does not match the the/secret. "
          + "The Canonical String for this request should have been 'x-amz-security-token:the+token'</Message></Error>"
          + "</ErrorResponse>", keys: keys))
    #expect(!said.description.contains("the/secret") && !said.description.contains("the+token"))
    #expect(said.message.hasPrefix("It does not match"))
  }
}
