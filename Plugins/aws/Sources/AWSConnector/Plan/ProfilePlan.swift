import AWSClient
import ConnectorKit
import ConnectorProtocol

/// Whether the instance profile that is asked for is there: RunInstances says it only when all disks are.
struct ProfilePlan: Sendable {
  static let at = "/options/instanceProfile"

  var account: Account

  /// - Parameter wish: Its name or ARN.
  func check(_ wish: String?, _ findings: inout Findings) async throws {
    guard let wish else { return }
    let name = wish.hasPrefix("arn:") ? wish.split(separator: "/").last.map(String.init) ?? wish : wish
    do {
      let answer = try await account.api.query(
        "iam", "GetInstanceProfile", version: "2010-05-08", [("InstanceProfileName", name)], retry: .standard)
      let profile = answer["GetInstanceProfileResult"]?["InstanceProfile"]
      if (profile?["Roles"]?.all("member") ?? []).isEmpty {
        findings.warn(
          "instanceProfile.empty", "Instance profile '\(name)' has no role: the machine gets no rights by it.",
          at: Self.at, action: "Put a role into it, or choose another.")
      }
    } catch {
      if ["NoSuchEntity", "ValidationError"].contains(error.code) {
        findings.block(
          "instanceProfile.unknown", "There is no instance profile '\(wish)'.", at: Self.at,
          action: "Choose one that `inventory instanceProfile` lists, or restore without.")
        return
      }
      guard Failure.meaning(error).reason == .permissionDenied else {
        throw try Failure.error(error, doing: "Looking at instance profile '\(name)'", outcome: .none)
      }
      findings.warn(
        "instanceProfile.unchecked",
        "Whether there is an instance profile '\(name)' is not known: iam:GetInstanceProfile is not allowed.",
        at: Self.at, action: "Allow it, or make sure of its name.")
    }
  }
}
