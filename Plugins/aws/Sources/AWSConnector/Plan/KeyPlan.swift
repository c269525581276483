import AWSClient
import ConnectorKit
import ConnectorProtocol

/// The KMS key that disks are encrypted with.
struct KeyPlan: Sendable {
  var account: Account

  /// The key's ARN: EBS takes nothing else. Nil where none is wished for, or it cannot be used, and why is among the
  /// findings.
  func arn(_ wish: String?, _ findings: inout Findings) async throws -> String? {
    guard let wish, !wish.isEmpty else { return nil }
    do {
      let answer = try await account.api.json("kms", target: "TrentService.DescribeKey", body: ["KeyId": .string(wish)])
      let key = answer["KeyMetadata"]
      guard let arn = key?["Arn"]?.stringValue else {
        block("kmsKey.unknown", "KMS does not tell the ARN of key '\(wish)'.", &findings)
        return nil
      }
      if let state = key?["KeyState"]?.stringValue, state != "Enabled" {
        block("kmsKey.unusable", "KMS key '\(wish)' is \(state).", &findings)
      }
      return arn
    } catch {
      return try refused(error, wish, &findings)
    }
  }

  private func refused(_ error: AWSError, _ wish: String, _ findings: inout Findings) throws -> String? {
    let meaning = Failure.meaning(error)
    if error.code == "NotFoundException" || error.code == "InvalidArnException" {
      block("kmsKey.unknown", "There is no KMS key '\(wish)' in \(account.settings.region).", &findings)
      return nil
    }
    guard meaning.reason == .permissionDenied else {
      throw try Failure.error(error, doing: "Looking at KMS key '\(wish)'", outcome: .none)
    }
    guard wish.hasPrefix("arn:"), wish.contains(":key/") else {
      block("kmsKey.permission", "The account may not kms:DescribeKey, which finds the ARN of '\(wish)'.", &findings)
      return nil
    }
    findings.warn(
      "kmsKey.unchecked", "Whether KMS key '\(wish)' can be used is not known: the account may not kms:DescribeKey.",
      at: "/options/kmsKeyId")
    return wish
  }

  private func block(_ code: String, _ summary: String, _ findings: inout Findings) {
    findings.block(
      code, summary, at: "/options/kmsKeyId",
      action: "Choose an enabled key of this region, by its ARN, id or alias (alias/name).")
  }
}
