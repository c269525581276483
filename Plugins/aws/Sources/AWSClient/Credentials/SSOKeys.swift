import ConnectorProtocol
import Foundation

/// Keys of a role that a person has logged in for (IAM Identity Center): the token that `aws sso login` has left in
/// `~/.aws/sso/cache` is shown to the service, which gives keys for some hours. The token itself is not renewed.
struct SSOKeys: Sendable {
  private static let largest = 64 << 10

  var environment: [String: String]
  var sender: Sender

  /// What a profile says of the way, whether by itself or by the session that it names.
  private struct Way {
    var region: String
    var account: String
    var role: String
    /// The name of the token's file is made of it.
    var key: String
  }

  func keys(of profile: String, _ files: ProfileFiles) async throws(AWSError) -> AWSCredentials {
    let way = try way(profile, files)
    let token = try token(way, profile)
    var endpoints = sender.endpoints
    endpoints.region = way.region
    let call = Call(
      service: "sso", operation: "GetRoleCredentials", method: "GET", path: "/federation/credentials",
      query: [("account_id", way.account), ("role_name", way.role)], headers: [("x-amz-sso_bearer_token", token)])
    let response: AWSResponse
    do {
      response = try await Sender(endpoints, sender.options).send(call, nil)
    } catch {
      guard error.status == 401 || error.status == 403 else { throw error }
      throw .credentials(
        "sso", "the login of the profile '\(profile)' does not hold, or not for its role", status: error.status)
    }
    return try Self.read(response.body)
  }

  private func way(_ profile: String, _ files: ProfileFiles) throws(AWSError) -> Way {
    let own = files[profile] ?? [:]
    let named = own["sso_session"]
    let session = named.map { files.session($0) ?? [:] } ?? own
    guard let region = session["sso_region"], let start = session["sso_start_url"],
      let account = own["sso_account_id"], let role = own["sso_role_name"],
      region.wholeMatch(of: /[a-z0-9-]+/) != nil
    else {
      throw .credentials(
        "sso",
        "the profile '\(profile)' lacks sso_account_id, sso_role_name, or sso_region and sso_start_url of its session")
    }
    return Way(region: region, account: account, role: role, key: named ?? start)
  }

  private func token(_ way: Way, _ profile: String) throws(AWSError) -> String {
    var digest = SHA1()
    Array(way.key.utf8).withUnsafeBytes { digest.update($0) }
    let path = "\(environment["HOME"] ?? "")/.aws/sso/cache/\(SHA256.hex(digest.finish())).json"
    guard let data = FileManager.default.contents(atPath: path), data.count <= Self.largest,
      let said = try? JSONDecoder().decode(JSONValue.self, from: data),
      let token = said["accessToken"]?.stringValue, !token.isEmpty
    else { throw .credentials("sso", "nobody has logged in for the profile '\(profile)': there is no \(path)") }
    guard let end = said["expiresAt"]?.stringValue.flatMap(ServiceTime.parse), end > Date() else {
      throw .credentials("sso", "the login of the profile '\(profile)' has expired")
    }
    return token
  }

  private static func read(_ body: Data) throws(AWSError) -> AWSCredentials {
    let said = (try? JSONDecoder().decode(JSONValue.self, from: body))?["roleCredentials"]
    guard let said, let id = said["accessKeyId"]?.stringValue, let secret = said["secretAccessKey"]?.stringValue,
      let token = said["sessionToken"]?.stringValue, let end = said["expiration"]?.integerValue
    else { throw .malformed("sso", "GetRoleCredentials", "the answer holds no keys") }
    return AWSCredentials(
      accessKeyId: id, secretAccessKey: secret, sessionToken: token,
      expiresAt: Date(timeIntervalSince1970: Double(end) / 1000))
  }
}
