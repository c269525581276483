import ConnectorProtocol
import Foundation

#if canImport(FoundationXML)
import FoundationXML
#endif

/// Reads a document into a tree, within bounds: what a server says is not trusted (`XMLInput`).
enum XMLTree {
  struct Fault: Error, Hashable, CustomStringConvertible {
    var description: String
  }

  struct Limits: Sendable {
    var bytes = 64 << 20
    var depth = 64
    var elements = 1_000_000
  }

  static func parse(_ data: Data, limits: Limits = Limits()) throws(Fault) -> XMLNode {
    guard data.count <= limits.bytes else { throw Fault(description: "it has \(data.count) bytes") }
    let checked: Data
    do { checked = try XMLInput.checked(data) } catch { throw Fault(description: error.reason) }
    let builder = Builder(limits: limits)
    let parser = XMLParser(data: checked)
    parser.shouldProcessNamespaces = true
    parser.shouldReportNamespacePrefixes = true
    parser.shouldResolveExternalEntities = false
    parser.delegate = builder
    let parsed = parser.parse()
    if let fault = builder.fault { throw fault }
    guard parsed, parser.parserError == nil, let root = builder.root else {
      throw Fault(description: "it is not well-formed (line \(parser.lineNumber))")
    }
    return root
  }

  private final class Builder: NSObject, XMLParserDelegate {
    private let limits: Limits
    private var open: [XMLNode] = []
    private var elements = 0
    /// Prefixes that stand for the namespace of `xsi:type`, each as often as it is declared.
    private var prefixes: [String: [String]] = [:]
    private(set) var root: XMLNode?
    private(set) var fault: Fault?

    init(limits: Limits) {
      self.limits = limits
    }

    func parser(_ parser: XMLParser, didStartMappingPrefix prefix: String, toURI uri: String) {
      prefixes[prefix, default: []].append(uri)
    }

    func parser(_ parser: XMLParser, didEndMappingPrefix prefix: String) {
      _ = prefixes[prefix]?.popLast()
    }

    func parser(
      _ parser: XMLParser, didStartElement element: String, namespaceURI: String?, qualifiedName: String?,
      attributes: [String: String]
    ) {
      elements += 1
      guard root == nil else { return stop(parser, "it has more than one root") }
      guard open.count < limits.depth, elements <= limits.elements else {
        return stop(parser, "it is nested too deeply or has too many elements")
      }
      var node = XMLNode(name: XMLTree.local(element))
      for (name, value) in attributes {
        let parts = name.split(separator: ":", maxSplits: 1)
        let isType = parts.count == 2 && parts[1] == "type" && isInstance(String(parts[0]))
        if isType { node.type = XMLTree.local(value) } else { node.attributes[XMLTree.local(name)] = value }
      }
      open.append(node)
    }

    /// True where the prefix stands for the namespace of schema instances, whatever the server calls it.
    private func isInstance(_ prefix: String) -> Bool {
      guard let uri = prefixes[prefix]?.last else { return prefix == "xsi" || prefix == "XMLSchema-instance" }
      return uri == XMLNode.xsi
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) {
      guard !open.isEmpty else { return }
      open[open.count - 1].text += string
    }

    func parser(_ parser: XMLParser, foundCDATA block: Data) {
      guard !open.isEmpty else { return }
      open[open.count - 1].text += String(decoding: block, as: UTF8.self)
    }

    func parser(
      _ parser: XMLParser, didEndElement element: String, namespaceURI: String?, qualifiedName: String?
    ) {
      guard var node = open.popLast() else { return }
      if !node.children.isEmpty { node.text = "" }
      if open.isEmpty { root = node } else { open[open.count - 1].children.append(node) }
    }

    func parser(_ parser: XMLParser, parseErrorOccurred parseError: any Error) {
      if fault == nil { fault = Fault(description: "it is not well-formed (line \(parser.lineNumber))") }
    }

    private func stop(_ parser: XMLParser, _ why: String) {
      if fault == nil { fault = Fault(description: why) }
      parser.abortParsing()
    }
  }

  private static func local(_ name: String) -> String {
    name.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).last.map(String.init) ?? name
  }
}
