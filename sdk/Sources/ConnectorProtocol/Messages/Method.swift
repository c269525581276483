/// A request that the host sends: its method name, parameters and result.
public protocol ConnectorRequest: Codable, Sendable {
  associatedtype Result: Codable & Sendable
  static var method: String { get }
  /// True where every connector must implement it; the rest is announced in `CapabilityDocument.methods`.
  static var isMandatory: Bool { get }
  /// True where it changes something on the platform: it then carries an `Operation`.
  static var isMutating: Bool { get }
}

extension ConnectorRequest {
  public static var isMandatory: Bool { true }
  public static var isMutating: Bool { false }
}

/// A request that changes something on the platform, and is therefore repeatable by its operation id.
public protocol MutatingRequest: ConnectorRequest {
  var op: Operation { get set }
}

extension MutatingRequest {
  public static var isMutating: Bool { true }
}

/// A notification: no answer.
public protocol ConnectorNotification: Codable, Sendable {
  static var method: String { get }
  static var direction: MessageDirection { get }
}

public enum MessageDirection: String, Sendable {
  case hostToConnector, connectorToHost
}

/// A result, or parameters, without members.
public struct Empty: Codable, Hashable, Sendable {
  public init() {}
}

/// Every message of protocol version 1; a test holds `protocol/v1/openrpc.json` to it.
public enum MessageRegistry {
  public static let requests: [any ConnectorRequest.Type] = [
    Initialize.self, Ping.self, Shutdown.self, ConfigValidate.self, SessionOpen.self, SessionCheck.self,
    InventoryList.self, SizingSuggest.self, PlanPreflight.self, PlanEstimate.self, DiskPrepare.self,
    DiskReceive.self, MachineCreate.self, MachineConfigure.self, MachinePower.self, MachineVerify.self,
    MachinePromote.self, JobCommit.self, ResourcesFind.self, ResourcesDelete.self, SourceOpen.self,
    SourceClose.self,
  ]

  public static let notifications: [any ConnectorNotification.Type] = [
    CancelNotification.self, LimitsNotification.self, AckNotification.self, ProgressNotification.self,
    LedgerNotification.self, CheckpointNotification.self, DiagnosticNotification.self,
  ]
}
