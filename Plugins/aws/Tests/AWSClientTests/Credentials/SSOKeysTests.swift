import AWSTestSupport
import ConnectorHTTP
import ConnectorTesting
import Foundation
import Testing

@testable import AWSClient

/// Profiles of those who have logged in, against a service that knows the login.
@Suite(.enabled(if: AWSServer.isAvailable), .serialized) struct SSOKeysTests {
  private static let config = """
    [profile new]
    sso_session = company
    sso_account_id = 123456789012
    sso_role_name = restore
    [profile other]
    sso_session = company
    sso_account_id = 123456789012
    sso_role_name = another
    [sso-session company]
    sso_region = eu-west-1
    sso_start_url = https://company.awsapps.com/start
    [profile old]
    sso_start_url = https://company.awsapps.com/start
    sso_region = eu-west-1
    sso_account_id = 123456789012
    sso_role_name = restore
    [profile half]
    sso_session = nobody
    sso_account_id = 123456789012
    sso_role_name = restore
    """

  /// A home with the configuration, and a login in the files of this name.
  private func home(_ server: AWSServer, login: String, ends: String = "2199-01-01T00:00:00Z") async throws -> String {
    let home = server.scratch.file("home-\(UUID().uuidString.prefix(8))")
    let cache = home + "/.aws/sso/cache"
    try FileManager.default.createDirectory(atPath: cache, withIntermediateDirectories: true)
    try Data(Self.config.utf8).write(to: URL(filePath: home + "/.aws/config"))
    for key in ["company", "https://company.awsapps.com/start"] {
      // Named by another program than ours.
      let name = try await tool("sh", ["-c", "printf %s '\(key)' | sha1sum | cut -c1-40"]).output
      let text = #"{"accessToken": "\#(login)", "expiresAt": "\#(ends)", "region": "eu-west-1"}"#
      let file = "\(cache)/\(name.trimmingCharacters(in: .whitespacesAndNewlines)).json"
      try Data(text.utf8).write(to: URL(filePath: file))
    }
    return home
  }

  private func chain(_ server: AWSServer, _ home: String, _ profile: String) -> CredentialsChain {
    CredentialsChain(
      CredentialsOptions(profile: profile, environment: ["HOME": home]), endpoints: server.serverEndpoints,
      options: AWSClientOptions(proxy: .none, retry: .init(attempts: 2, base: .milliseconds(10))))
  }

  @Test func aLoginGivesKeysOfItsRole() async throws {
    let server = try await AWSServer(.strict)
    let home = try await home(server, login: "a-login")
    for profile in ["new", "old"] {
      let chain = chain(server, home, profile)
      #expect((try await chain.credentials().expiresAt?.timeIntervalSinceNow ?? 0) > 3000)
      let client = AWSClient(
        credentials: chain, endpoints: server.serverEndpoints, options: AWSClientOptions(proxy: .none))
      _ = try await client.query("sts", "GetCallerIdentity", version: "2011-06-15", [])
    }
    try await server.checkRequests()
  }

  @Test func whatDoesNotHoldSaysSo() async throws {
    let server = try await AWSServer(.strict)
    let cases = [
      (try await home(server, login: "another"), "new", "does not hold"),
      (try await home(server, login: "a-login"), "other", "not for its role"),
      (try await home(server, login: "a-login", ends: "2001-01-01T00:00:00Z"), "new", "has expired"),
      (try await home(server, login: "a-login", ends: "soon"), "old", "has expired"),
      (try await home(server, login: ""), "new", "nobody has logged in"),
      (try await home(server, login: "a-login"), "half", "lacks"),
    ]
    for (home, profile, word) in cases {
      let error = await #expect(throws: AWSError.self) { try await chain(server, home, profile).credentials() }
      #expect(error?.message.contains(word) == true, "\(profile): \(error?.message ?? "")")
      #expect(error?.operation == "sso" && error?.code == AWSError.Codes.noCredentials)
      #expect(error?.message.contains("a-login") == false)
    }
  }
}
