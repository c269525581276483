/// The stable name of an error and its number, category and the host's way of recovery.
///
/// The table in `protocol/v1/errors.json` says the same; a test keeps them equal.
public struct ErrorReason: OpenEnum {
  public let rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }

  public struct Entry: Sendable {
    public let reason: ErrorReason
    public let code: Int
    public let category: ErrorCategory
    public let retry: Retry.Policy
  }

  /// Every reason of protocol version 1.
  public static let table: [Entry] = [
    entry("parseError", -32700, .protocolFault, .never),
    entry("invalidRequest", -32600, .protocolFault, .never),
    entry("methodNotFound", -32601, .protocolFault, .never),
    entry("invalidParams", -32602, .protocolFault, .never),
    entry("internalError", -32603, .protocolFault, .never),
    entry("notInitialized", 1001, .protocolFault, .never),
    entry("unsupportedVersion", 1002, .protocolFault, .never),
    entry("capabilityMissing", 1003, .protocolFault, .never),
    entry("messageTooLarge", 1004, .protocolFault, .never),
    entry("cancelled", 1005, .control, .sameOperation),
    entry("deadlineExceeded", 1006, .control, .sameOperation),
    entry("shuttingDown", 1007, .protocolFault, .never),
    entry("unauthenticated", 1101, .user, .afterUser),
    entry("credentialsExpired", 1102, .user, .afterUser),
    entry("permissionDenied", 1103, .user, .afterUser),
    entry("tlsUntrusted", 1104, .user, .afterUser),
    entry("configInvalid", 1201, .user, .afterUser),
    entry("guestUnsupported", 1202, .user, .afterUser),
    entry("diskUnsupported", 1203, .user, .afterUser),
    entry("mappingInvalid", 1204, .user, .afterUser),
    entry("nameTaken", 1205, .user, .afterUser),
    entry("notFound", 1301, .state, .replan),
    entry("existsIncompatible", 1302, .state, .replan),
    entry("operationInProgress", 1303, .state, .sameOperation),
    entry("operationConflict", 1304, .state, .replan),
    entry("staleCheckpoint", 1305, .state, .withoutCheckpoint),
    entry("planStale", 1306, .state, .replan),
    entry("pageTokenInvalid", 1307, .state, .restartListing),
    entry("quotaExceeded", 1401, .user, .afterUser),
    entry("capacityExhausted", 1402, .user, .afterUser),
    entry("rateLimited", 1403, .transient, .sameOperation),
    entry("platformUnavailable", 1404, .transient, .sameOperation),
    entry("networkUnreachable", 1405, .transient, .sameOperation),
    entry("platformTaskFailed", 1406, .platform, .ifNoEffect),
    entry("sourceUnavailable", 1501, .host, .sameOperation),
    entry("dataCorrupt", 1502, .host, .never),
    entry("sourceChanged", 1503, .state, .withoutCheckpoint),
    entry("dependencyMissing", 1601, .user, .afterUser),
    entry("connectorBug", 1699, .bug, .never),
  ]

  private static func entry(
    _ reason: ErrorReason, _ code: Int, _ category: ErrorCategory, _ retry: Retry.Policy
  ) -> Entry {
    Entry(reason: reason, code: code, category: category, retry: retry)
  }

  /// The table's line for this reason, or nil for one of a newer protocol.
  public var entry: Entry? { Self.table.first { $0.reason == self } }

  /// The reason that has this number, or nil.
  public static func reason(code: Int) -> ErrorReason? { table.first { $0.code == code }?.reason }

  public static let parseError: ErrorReason = "parseError"
  public static let invalidRequest: ErrorReason = "invalidRequest"
  public static let methodNotFound: ErrorReason = "methodNotFound"
  public static let invalidParams: ErrorReason = "invalidParams"
  public static let internalError: ErrorReason = "internalError"
  public static let notInitialized: ErrorReason = "notInitialized"
  public static let unsupportedVersion: ErrorReason = "unsupportedVersion"
  public static let capabilityMissing: ErrorReason = "capabilityMissing"
  public static let messageTooLarge: ErrorReason = "messageTooLarge"
  public static let cancelled: ErrorReason = "cancelled"
  public static let deadlineExceeded: ErrorReason = "deadlineExceeded"
  public static let shuttingDown: ErrorReason = "shuttingDown"
  public static let unauthenticated: ErrorReason = "unauthenticated"
  public static let credentialsExpired: ErrorReason = "credentialsExpired"
  public static let permissionDenied: ErrorReason = "permissionDenied"
  public static let tlsUntrusted: ErrorReason = "tlsUntrusted"
  public static let configInvalid: ErrorReason = "configInvalid"
  public static let guestUnsupported: ErrorReason = "guestUnsupported"
  public static let diskUnsupported: ErrorReason = "diskUnsupported"
  public static let mappingInvalid: ErrorReason = "mappingInvalid"
  public static let nameTaken: ErrorReason = "nameTaken"
  public static let notFound: ErrorReason = "notFound"
  public static let existsIncompatible: ErrorReason = "existsIncompatible"
  public static let operationInProgress: ErrorReason = "operationInProgress"
  public static let operationConflict: ErrorReason = "operationConflict"
  public static let staleCheckpoint: ErrorReason = "staleCheckpoint"
  public static let planStale: ErrorReason = "planStale"
  public static let pageTokenInvalid: ErrorReason = "pageTokenInvalid"
  public static let quotaExceeded: ErrorReason = "quotaExceeded"
  public static let capacityExhausted: ErrorReason = "capacityExhausted"
  public static let rateLimited: ErrorReason = "rateLimited"
  public static let platformUnavailable: ErrorReason = "platformUnavailable"
  public static let networkUnreachable: ErrorReason = "networkUnreachable"
  public static let platformTaskFailed: ErrorReason = "platformTaskFailed"
  public static let sourceUnavailable: ErrorReason = "sourceUnavailable"
  public static let dataCorrupt: ErrorReason = "dataCorrupt"
  public static let sourceChanged: ErrorReason = "sourceChanged"
  public static let dependencyMissing: ErrorReason = "dependencyMissing"
  public static let connectorBug: ErrorReason = "connectorBug"
}

/// Who can do something about an error.
public struct ErrorCategory: OpenEnum {
  public let rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }
  public static let protocolFault: ErrorCategory = "protocol"
  public static let control: ErrorCategory = "control"
  public static let user: ErrorCategory = "user"
  public static let state: ErrorCategory = "state"
  public static let transient: ErrorCategory = "transient"
  public static let platform: ErrorCategory = "platform"
  public static let host: ErrorCategory = "host"
  public static let bug: ErrorCategory = "bug"
}

/// Whether and how the same thing may be tried again.
public struct Retry: Codable, Hashable, Sendable {
  public var policy: Policy
  /// Not before so many milliseconds have passed.
  public var afterMs: Int?

  public init(policy: Policy, afterMs: Int? = nil) {
    self.policy = policy
    self.afterMs = afterMs
  }

  public struct Policy: OpenEnum {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
    public static let never: Policy = "never"
    /// Back off and send the same operation id again.
    public static let sameOperation: Policy = "sameOperation"
    /// The same operation id, without its checkpoint.
    public static let withoutCheckpoint: Policy = "withoutCheckpoint"
    /// Once a person has changed something.
    public static let afterUser: Policy = "afterUser"
    /// Plan again.
    public static let replan: Policy = "replan"
    public static let restartListing: Policy = "restartListing"
    /// Only when `outcome` is `none`.
    public static let ifNoEffect: Policy = "ifNoEffect"
  }
}

/// What an operation that failed left on the platform: only `none` permits a blind repeat under a new operation id.
public struct Outcome: OpenEnum {
  public let rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }
  public static let none: Outcome = "none"
  public static let partial: Outcome = "partial"
  public static let unknown: Outcome = "unknown"
}
