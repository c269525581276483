/// `initialize`: the first request of a conversation; agrees on the protocol's major version.
public struct Initialize: ConnectorRequest {
  public static let method = "initialize"

  /// Majors that the host speaks; the connector answers with the highest that it speaks too.
  public var protocolVersions: [Int]
  public var host: Peer
  public var limits: Limits
  public var locale: String?

  public init(protocolVersions: [Int], host: Peer, limits: Limits = Limits(), locale: String? = nil) {
    self.protocolVersions = protocolVersions
    self.host = host
    self.limits = limits
    self.locale = locale
  }

  public struct Peer: Codable, Hashable, Sendable {
    public var name: String
    public var version: String

    public init(name: String, version: String) {
      self.name = name
      self.version = version
    }
  }

  public struct Limits: Codable, Hashable, Sendable {
    /// Longest line that either side may write, its newline not counted.
    public var maxMessageBytes: Int

    public init(maxMessageBytes: Int = MessageLimits.defaultMaxMessageBytes) {
      self.maxMessageBytes = maxMessageBytes
    }
  }

  public struct Result: Codable, Hashable, Sendable {
    public var protocolVersion: Int
    public var connector: Connector
    /// SHA-256, hexadecimal, of the bytes that `describe` prints.
    public var document: String

    public init(protocolVersion: Int, connector: Connector, document: String) {
      self.protocolVersion = protocolVersion
      self.connector = connector
      self.document = document
    }

    public struct Connector: Codable, Hashable, Sendable {
      public var id: String
      public var version: String

      public init(id: String, version: String) {
        self.id = id
        self.version = version
      }
    }
  }
}

public enum MessageLimits {
  public static let defaultMaxMessageBytes = 4 * 1024 * 1024
  /// Longest checkpoint token, in UTF-8 bytes.
  public static let maxCheckpointBytes = 64 * 1024
}
