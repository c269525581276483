import ConnectorProtocol
import Foundation

/// The errors of this connector, each with what to do.
enum Failure {
  static func notVSphere(_ server: String, _ why: String) -> ConnectorError {
    ConnectorError(
      .platformUnavailable, "\(server) does not answer as vCenter or ESXi do: \(why).",
      remedy: "Check the target's url: it is that of vCenter or of an ESXi host, without a path.", outcome: .none)
  }

  static func status(_ status: Int, _ server: String, _ what: String) -> ConnectorError {
    let reason: ErrorReason =
      switch status {
      case 403: .permissionDenied
      case 429: .rateLimited
      case 502, 503, 504: .platformUnavailable
      default: .platformTaskFailed
      }
    return ConnectorError(
      reason, "\(server) answered \(what) with HTTP status \(status).",
      remedy: status >= 500 ? "Wait until the server is up again, and retry." : "Look at the server's log, and retry.",
      outcome: .unknown, provider: ConnectorError.ProviderError(httpStatus: status))
  }

  static func login(
    _ fault: VimFault, _ server: String, _ credentials: Credentials, again: Bool
  ) -> ConnectorError {
    let who = credentials.user.map { "'\($0)'" } ?? "the holder of the single sign-on token"
    guard ["InvalidLogin", "NotAuthenticated", "NoPermission"].contains(fault.name) else {
      return self.fault(fault, doing: "Logging in to \(server)", outcome: .none)
    }
    let reason: ErrorReason =
      fault.name == "NoPermission" ? .permissionDenied : again ? .credentialsExpired : .unauthenticated
    return ConnectorError(
      reason, "\(server) does not let \(who) log in: \(fault.message)",
      remedy: credentials.user == nil
        ? "Get a new token: they are valid for a short time only."
        : "Check user name and password; for vCenter the name has its domain, as in administrator@vsphere.local.",
      outcome: .none, provider: provider(fault))
  }

  static func provider(_ fault: VimFault) -> ConnectorError.ProviderError {
    ConnectorError.ProviderError(code: fault.name.isEmpty ? nil : fault.name, message: fault.message)
  }

  /// Something that was named is not in the inventory.
  static func notInInventory(_ what: String, _ name: String, choices: [String]) -> ConnectorError {
    let some = choices.sorted().prefix(12).joined(separator: ", ")
    return ConnectorError(
      .mappingInvalid, "There is no \(what) '\(name)' that this account can see.",
      remedy: choices.isEmpty ? "Check the account's permissions." : "Choose one of: \(some).", outcome: .none)
  }

  static func ambiguous(_ what: String, _ name: String, choices: [String]) -> ConnectorError {
    ConnectorError(
      .mappingInvalid, "There are several: \(what) '\(name)'.",
      remedy: "Give the path of one of them: \(choices.sorted().prefix(12).joined(separator: ", ")).", outcome: .none)
  }

  static func nameTaken(_ name: String, in folder: String) -> ConnectorError {
    ConnectorError(
      .nameTaken, "The name '\(name)' is taken in \(folder).",
      remedy: "Choose another name or another folder, or remove that machine if it is not needed any more.",
      outcome: .none)
  }

  static func noMachine(_ name: String, why: String) -> ConnectorError {
    ConnectorError(
      .notFound, "There is no machine '\(name)' of this job: \(why).",
      remedy: "Look into the inventory; restore the machine again if it was removed.", outcome: .none)
  }

  static func corrupt(_ what: String, _ why: String) -> ConnectorError {
    ConnectorError(
      .dataCorrupt, "\(what) did not arrive as it was sent: \(why).",
      remedy: "Restore again; look for a faulty network or datastore if it happens again.", outcome: .partial)
  }
}
