import Foundation

/// Keys of a role, from STS.
struct RoleCredentials: Sendable {
  static let version = "2011-06-15"

  var sender: Sender
  var roleArn: String
  var sessionName: String
  var externalId: String?

  /// AssumeRole, signed with the keys of `source`.
  func assume(with source: any CredentialsSource) async throws(AWSError) -> AWSCredentials {
    var parameters = [("RoleArn", roleArn), ("RoleSessionName", name), ("DurationSeconds", "3600")]
    if let externalId { parameters.append(("ExternalId", externalId)) }
    return try await ask("AssumeRole", parameters, source)
  }

  /// AssumeRoleWithWebIdentity, with a token that is read anew each time, since whoever wrote it renews it.
  func assume(withTokenFile path: String) async throws(AWSError) -> AWSCredentials {
    guard let data = FileManager.default.contents(atPath: path), data.count <= 64 << 10,
      case let token = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines),
      !token.isEmpty
    else {
      throw .credentials("webIdentity", "the token file \(path) cannot be read")
    }
    let parameters = [("RoleArn", roleArn), ("RoleSessionName", name), ("WebIdentityToken", token)]
    return try await ask("AssumeRoleWithWebIdentity", parameters, nil)
  }

  private func ask(
    _ action: String, _ parameters: [(String, String)], _ source: (any CredentialsSource)?
  ) async throws(AWSError) -> AWSCredentials {
    let call = Call.query("sts", action, version: Self.version, parameters)
    let root = try AWSClient.document(try await sender.send(call, source), call)
    guard let keys = root.at("\(action)Result/Credentials"), let id = keys.string("AccessKeyId"),
      let secret = keys.string("SecretAccessKey"), let token = keys.string("SessionToken"),
      let expiry = keys.string("Expiration").flatMap(ServiceTime.parse)
    else { throw .malformed("sts", action, "the answer holds no keys") }
    return AWSCredentials(accessKeyId: id, secretAccessKey: secret, sessionToken: token, expiresAt: expiry)
  }

  /// 2 to 64 characters out of those that STS takes.
  private var name: String {
    let kept = String(
      sessionName.map { $0.isASCII && ($0.isLetter || $0.isNumber || "+=,.@-_".contains($0)) ? $0 : "-" }.prefix(64))
    return kept.count < 2 ? "ascend-" + kept : kept
  }
}
