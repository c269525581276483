import ConnectorProtocol
import Foundation
import FoundationXML

/// Parses a small XML document into a tree, within limits; of what it may hold, see `XMLInput`.
enum XMLTree {
  struct Malformed: Error, Equatable {
    var reason: String
  }

  static let longest = 8 << 20
  static let deepest = 64
  static let mostElements = 100_000

  static func parse(_ bytes: [UInt8]) throws(Malformed) -> XMLNode {
    guard bytes.count <= longest else { throw Malformed(reason: "it is longer than \(longest) bytes") }
    let data: Data
    do { data = try XMLInput.checked(Data(bytes)) } catch { throw Malformed(reason: error.reason) }
    let parser = XMLParser(data: data)
    // Names are resolved here: the parser would leave those of attributes alone.
    parser.shouldProcessNamespaces = false
    parser.shouldResolveExternalEntities = false
    let builder = XMLTreeBuilder()
    parser.delegate = builder
    let finished = parser.parse()
    if let reason = builder.reason { throw Malformed(reason: reason) }
    guard finished, let root = builder.root else {
      throw Malformed(reason: "it is not well-formed XML (line \(parser.lineNumber))")
    }
    return root
  }
}

/// Builds the tree from the parser's events.
private final class XMLTreeBuilder: NSObject, XMLParserDelegate {
  var root: XMLNode?
  var reason: String?
  private var open: [XMLNode] = []
  private var prefixes: [[String: String]] = [["xml": "http://www.w3.org/XML/1998/namespace"]]
  private var elements = 0

  func parser(
    _ parser: XMLParser, didStartElement elementName: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    elements += 1
    guard open.count < XMLTree.deepest, elements <= XMLTree.mostElements else {
      return stop(parser, "it is nested too deeply or has too many elements")
    }
    var scope = prefixes.last ?? [:]
    for (name, value) in attributes {
      if name == "xmlns" { scope[""] = value }
      if name.hasPrefix("xmlns:") { scope[String(name.dropFirst(6))] = value }
    }
    prefixes.append(scope)
    guard let name = resolve(elementName, scope, isAttribute: false) else {
      return stop(parser, "the prefix of <\(elementName.prefix(80))> is not declared")
    }
    var node = XMLNode(name: name)
    for (key, value) in attributes where key != "xmlns" && !key.hasPrefix("xmlns:") {
      if let name = resolve(key, scope, isAttribute: true) { node.attributes[name] = value }
    }
    open.append(node)
  }

  func parser(
    _ parser: XMLParser, didEndElement elementName: String, namespaceURI: String?, qualifiedName: String?
  ) {
    guard reason == nil, let node = open.popLast() else { return }
    prefixes.removeLast()
    if open.isEmpty { root = node } else { open[open.count - 1].children.append(node) }
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) {
    guard !open.isEmpty else { return }
    open[open.count - 1].text += string
  }

  func parser(_ parser: XMLParser, foundCDATA block: Data) {
    guard !open.isEmpty else { return }
    open[open.count - 1].text += String(decoding: block, as: UTF8.self)
  }

  private func stop(_ parser: XMLParser, _ why: String) {
    if reason == nil { reason = why }
    parser.abortParsing()
  }

  private func resolve(_ qualified: String, _ scope: [String: String], isAttribute: Bool) -> XMLNode.Name? {
    guard let colon = qualified.firstIndex(of: ":") else {
      return XMLNode.Name(namespace: isAttribute ? "" : scope[""] ?? "", local: qualified)
    }
    guard let namespace = scope[String(qualified[..<colon])] else { return nil }
    return XMLNode.Name(namespace: namespace, local: String(qualified[qualified.index(after: colon)...]))
  }
}
