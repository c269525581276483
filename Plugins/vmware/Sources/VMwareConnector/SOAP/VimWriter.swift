import ConnectorProtocol
import Foundation

/// Writes requests as SOAP 1.1 envelopes of `urn:vim25`.
struct VimWriter {
  private(set) var text = ""

  /// The envelope of one call.
  ///
  /// - Parameter header: XML that goes into the SOAP header as it is, for a token.
  /// - Throws: `connectorBug` where the tables do not know the method, a parameter, a class or a property.
  static func envelope(
    _ method: String, on this: MoRef, _ parameters: [String: VimValue?], header: String = ""
  ) throws(ConnectorError) -> Data {
    var writer = VimWriter()
    writer.text = #"<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope"#
    writer.text += #" xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/""#
    writer.text += #" xmlns:xsd="http://www.w3.org/2001/XMLSchema""#
    writer.text += #" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">"#
    if !header.isEmpty { writer.text += "<soapenv:Header>\(header)</soapenv:Header>" }
    writer.text += #"<soapenv:Body><\#(method) xmlns="urn:vim25">"#
    writer.element("_this", this, typed: false)
    let order = try VimOrder.parameters(of: method)
    let given = parameters.compactMapValues { $0 }
    try writer.fields(given, order, of: method)
    writer.text += "</\(method)></soapenv:Body></soapenv:Envelope>"
    return Data(writer.text.utf8)
  }

  private mutating func fields(
    _ fields: [String: VimValue], _ order: [Substring], of type: String
  ) throws(ConnectorError) {
    let known = Set(order)
    for name in fields.keys.sorted() where !known.contains(Substring(name)) {
      throw VimOrder.unknown("'\(type)' has no '\(name)' in the tables of this connector.")
    }
    for name in order {
      guard let value = fields[String(name)] else { continue }
      try element(String(name), value, any: VimOrder.anyTyped.contains("\(type).\(name)"))
    }
  }

  private mutating func element(_ name: String, _ value: VimValue, any: Bool) throws(ConnectorError) {
    switch value {
    case .text(let text): simple(name, XMLText.escape(text), any ? "string" : nil)
    case .bool(let flag): simple(name, flag ? "true" : "false", any ? "boolean" : nil)
    case .int(let number): simple(name, String(number), any ? "int" : nil)
    case .reference(let reference): element(name, reference, typed: any)
    case .list(let values):
      for value in values { try element(name, value, any: any) }
    case .empty: text += "<\(name)></\(name)>"
    case .object(let object):
      text += "<\(name) xsi:type=\"\(object.type)\">"
      try fields(object.fields, try VimOrder.properties(of: object.type), of: object.type)
      text += "</\(name)>"
    }
  }

  private mutating func simple(_ name: String, _ content: String, _ type: String?) {
    let attribute = type.map { " xsi:type=\"xsd:\($0)\"" } ?? ""
    text += "<\(name)\(attribute)>\(content)</\(name)>"
  }

  private mutating func element(_ name: String, _ reference: MoRef, typed: Bool) {
    let xsi = typed ? #" xsi:type="ManagedObjectReference""# : ""
    text += "<\(name)\(xsi) type=\"\(XMLText.escape(reference.type))\">\(XMLText.escape(reference.value))</\(name)>"
  }
}

/// Text in XML.
enum XMLText {
  /// As the content of an element or attribute; characters that XML 1.0 cannot hold become U+FFFD.
  static func escape(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\r": result += "&#13;"
      case "\n", "\t": result.unicodeScalars.append(scalar)
      case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF: result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
