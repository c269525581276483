public import ConnectorProtocol
public import Support

extension CapabilityDocument {
  /// The document for one endpoint: the members that `session/open` answered in `overlay` replace those here.
  ///
  /// The identity of the connector stays what was installed.
  ///
  /// - Throws: `connector.protocolViolation` where what comes out is no capability document.
  public func narrowed(by overlay: JSONValue?) throws(AscendError) -> CapabilityDocument {
    guard let members = overlay?.objectValue, !members.isEmpty else { return self }
    do {
      var merged = try JSONValue.encoding(self).objectValue ?? [:]
      for (name, value) in members where !Self.fixed.contains(name) { merged[name] = value }
      return try JSONValue.object(merged).decode(CapabilityDocument.self)
    } catch {
      throw AscendError(
        "connector.protocolViolation", "The connector narrowed its capability document to something else", object: id,
        cause: JSONFault.text(error), remedy: "Report it to the connector's vendor")
    }
  }

  private static let fixed: Set<String> = ["schema", "id", "version", "protocolVersions", "executable"]
}
