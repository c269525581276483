import ConnectorProtocol

/// What the server says went wrong: the class of the fault, and its words.
struct VimFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// `NotAuthenticated`, `DuplicateName` … Empty where the server sent none.
  var name: String
  var message: String
  /// The fault's own properties.
  var detail: XMLNode?

  var description: String { name.isEmpty ? message : "\(name): \(message)" }

  init(_ name: String, _ message: String, detail: XMLNode? = nil) {
    self.name = name
    self.message = message
    self.detail = detail
  }

  /// Reads `<soapenv:Fault>`: the class is the `xsi:type` of what `detail` holds, or the element's name less "Fault".
  init(soap fault: XMLNode) {
    let said = fault["detail"]?.children.first
    let name = said?.type ?? said.map { $0.name.hasSuffix("Fault") ? String($0.name.dropLast(5)) : $0.name } ?? ""
    self.init(name, Self.words(fault.string("faultstring") ?? "", name), detail: said)
  }

  /// Reads a `LocalizedMethodFault`: the error of a task or a lease.
  init(localized node: XMLNode) {
    let fault = node["fault"]
    let name = fault?.type ?? ""
    self.init(name, Self.words(node.string("localizedMessage") ?? "", name), detail: fault)
  }

  private static func words(_ text: String, _ name: String) -> String {
    let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
    return line.isEmpty ? (name.isEmpty ? "the server gives no reason" : name) : String(line.prefix(1000))
  }

  var isGone: Bool { name == "ManagedObjectNotFound" }
  var isUnauthenticated: Bool { name == "NotAuthenticated" }
  /// The method is not one of this server, which is older, or a simulator.
  var isNotImplemented: Bool {
    ["NotSupported", "NotImplemented", "MethodNotFound", "UnknownMethod", "InvalidRequest"].contains(name)
      || message.contains("does not implement") || message.contains("Unable to resolve WSDL method")
  }
}
