import AWSTestSupport
import ConnectorTesting
import Foundation
import Testing

@testable import AWSClient

@Suite struct ProfileFilesTests {
  @Test func bothFilesAreRead() throws {
    let scratch = try Scratch()
    let config = try scratch.write(
      "config",
      """
      # of the company
      [default]
      region = eu-west-1
      s3 =
        addressing_style = path
        aws_access_key_id = nested
      [profile  build ]
      Role_Arn = arn:aws:iam::123456789012:role/build
      source_profile=default
      [services other]
      x = y
      """)
    let credentials = try scratch.write(
      "credentials", "[default]\naws_access_key_id = AKIA1\naws_secret_access_key = a=b/c\n; end\n[build]\nk = v\n")
    let files = try ProfileFiles(environment: ["AWS_CONFIG_FILE": config, "AWS_SHARED_CREDENTIALS_FILE": credentials])
    #expect(
      files["default"]
        == ["region": "eu-west-1", "s3": "", "aws_access_key_id": "AKIA1", "aws_secret_access_key": "a=b/c"])
    #expect(files["build"]?["role_arn"] == "arn:aws:iam::123456789012:role/build")
    #expect(files["build"]?["k"] == "v")
    #expect(files["services other"] == nil)
    #expect(files.paths == [credentials, config])
  }

  @Test func noFilesAreNoProfiles() throws {
    let files = try ProfileFiles(environment: ["HOME": "/nonexistent"])
    #expect(files["default"] == nil)
  }
}
