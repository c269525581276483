import Foundation
import Support

/// The JSON documents of a backup's folder.
struct JSONLibrary: Sendable {
  struct Document: Sendable {
    /// The file's name in the folder.
    var name: String
    var root: JSONNode
  }

  /// An object in one of the documents.
  struct Place: Sendable {
    var document: String
    /// `/Reservations/0/Instances/0`
    var path: String
    var members: [String: JSONNode]

    var record: JSONRecord { JSONRecord(members, path: path) }
    subscript(key: String) -> String? { members[key]?.text.flatMap { $0.isEmpty ? nil : $0 } }
  }

  private(set) var documents: [Document] = []
  /// The documents that could not be parsed, and why.
  private(set) var broken: [(name: String, reason: String)] = []

  private static let mostDocuments = 4000
  private static let mostBytes = 256 << 20
  /// How deep the objects that are looked for may lie.
  private static let deepest = 8

  /// Reads the document that was named and those beside it, or all of a folder.
  ///
  /// - Throws: `backup.descriptorMalformed` where the named document is not valid, `backup.tooLarge`.
  init(_ location: BackupLocation) throws(AscendError) {
    var names = location.names(withExtension: "json")
    if !location.isFolder {
      guard Self.looksLikeJSON(location.head) else { return }
      names = [location.fileName] + names.filter { $0 != location.fileName }
    }
    guard names.count <= Self.mostDocuments else {
      throw Self.tooLarge(location.folder, "it holds \(names.count) JSON documents")
    }
    var bytes = 0
    for name in names {
      guard let file = try location.files.file(name) else { continue }
      let isNamed = !location.isFolder && name == location.fileName
      guard file.length <= Int64(JSONParser.longest) else {
        if isNamed { throw Self.tooLarge(file.path, "it has \(file.length) bytes") }
        broken.append((name, "it is longer than \(JSONParser.longest) bytes"))
        continue
      }
      bytes += Int(file.length)
      guard bytes <= Self.mostBytes else {
        throw Self.tooLarge(location.folder, "its JSON documents have more than \(Self.mostBytes) bytes")
      }
      let contents = try file.contents(limit: JSONParser.longest)
      do throws(JSONParser.Malformed) {
        documents.append(Document(name: name, root: try JSONParser.parse(contents)))
      } catch {
        guard isNamed else {
          broken.append((name, error.reason))
          continue
        }
        throw AscendError(
          "backup.descriptorMalformed", "The description \(name) is no valid JSON", object: file.path,
          cause: error.reason, remedy: "Write it again with the platform's own tool")
      }
    }
  }

  init(documents: [Document]) { self.documents = documents }

  private static func looksLikeJSON(_ head: [UInt8]) -> Bool {
    let text = JSONParser.utf8(head.count % 2 == 0 ? head : head.dropLast())
    return [UInt8(ascii: "{"), UInt8(ascii: "[")].contains(HeadSniffer.firstCharacter(text))
  }

  private static func tooLarge(_ object: String, _ cause: String) -> AscendError {
    AscendError(
      "backup.tooLarge", "The backup's description is too large", object: object, cause: cause,
      remedy: "Keep only the documents of this machine beside its disks")
  }

  /// The objects that `isWanted` takes, in the documents' order; what lies inside of one is not looked at.
  func objects(_ isWanted: ([String: JSONNode]) -> Bool) -> [Place] {
    var found: [Place] = []
    for document in documents {
      Self.search(document.root, document.name, "", 0, isWanted, &found)
    }
    return found
  }

  private static func search(
    _ node: JSONNode, _ document: String, _ path: String, _ depth: Int, _ isWanted: ([String: JSONNode]) -> Bool,
    _ found: inout [Place]
  ) {
    guard depth <= deepest else { return }
    switch node {
    case .object(let members):
      if isWanted(members) {
        found.append(Place(document: document, path: path, members: members))
        return
      }
      for (key, value) in members.sorted(by: { $0.key < $1.key }) {
        search(value, document, "\(path)/\(key)", depth + 1, isWanted, &found)
      }
    case .array(let elements):
      for (place, element) in elements.enumerated() {
        search(element, document, "\(path)/\(place)", depth + 1, isWanted, &found)
      }
    default: break
    }
  }
}
