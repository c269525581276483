public import ConnectorProtocol
public import Foundation

/// The bytes of `connector.json`.
public enum ConnectorManifest {
  /// What `describe` prints: the document, indented, its members sorted, and a newline. A connector's test compares
  /// its `connector.json` with this.
  public static func bytes(of document: CapabilityDocument) throws -> Data {
    try CanonicalJSON.encodePretty(document) + Data([0x0A])
  }
}
