import Foundation

/// A file on a datastore: `[datastore1] vm/vm.vmdk`.
struct DatastorePath: Codable, Hashable, Sendable, CustomStringConvertible {
  var datastore: String
  /// Relative to the datastore's root; empty for the root itself.
  var path: String

  init(_ datastore: String, _ path: String) {
    self.datastore = datastore
    self.path = path
  }

  init?(_ text: String) {
    guard text.hasPrefix("["), let end = text.firstIndex(of: "]") else { return nil }
    datastore = String(text[text.index(after: text.startIndex)..<end])
    path = text[text.index(after: end)...].trimmingCharacters(in: .whitespaces)
    guard !datastore.isEmpty else { return nil }
  }

  var description: String { path.isEmpty ? "[\(datastore)]" : "[\(datastore)] \(path)" }

  var folder: DatastorePath { DatastorePath(datastore, (path as NSString).deletingLastPathComponent) }

  func appending(_ name: String) -> DatastorePath {
    DatastorePath(datastore, path.isEmpty ? name : path + "/" + name)
  }

  /// Where the server serves it by HTTP.
  ///
  /// - Parameter datacenter: The datacenter's path in the inventory, without its first slash; `ha-datacenter` on ESXi.
  func url(base: String, datacenter: String) -> String {
    func encoded(_ text: String, _ extra: String) -> String {
      var allowed = CharacterSet.alphanumerics
      allowed.insert(charactersIn: "-._~" + extra)
      return text.addingPercentEncoding(withAllowedCharacters: allowed) ?? text
    }
    return "\(base)/folder/\(encoded(path, "/"))?dcPath=\(encoded(datacenter, ""))&dsName=\(encoded(datastore, ""))"
  }
}
