import ConnectorProtocol
import Foundation
import Support
import Yams

/// A JSON or YAML file that an operator wrote: a target's configuration, a mapping.
enum ConfigurationFile {
  private static let maxBytes = 1 << 20

  /// The file's content as JSON. YAML is a superset of JSON, so one parser reads both.
  ///
  /// - Throws: `config.unreadable`, `config.invalid` with the line where it is not well-formed.
  static func read(_ path: String) throws(AscendError) -> JSONValue {
    let data: Data
    do {
      data = try Data(contentsOf: URL(fileURLWithPath: path))
    } catch {
      throw AscendError(
        "config.unreadable", "The file cannot be read", object: path, cause: (error as NSError).localizedDescription)
    }
    guard data.count <= maxBytes else {
      throw AscendError("config.invalid", "The file is larger than 1 MiB", object: path)
    }
    do {
      let node = try Yams.compose(yaml: String(decoding: data, as: UTF8.self))
      return try node.map(json) ?? [:]
    } catch let error as AscendError {
      throw error
    } catch {
      throw AscendError(
        "config.invalid", "The file is neither JSON nor YAML", object: path, cause: String(describing: error),
        remedy: "Mend the line that is named")
    }
  }

  /// Decodes a file into a document of the protocol, saying where it does not fit.
  static func read<T: Decodable>(_ path: String, as type: T.Type) throws(AscendError) -> T {
    try decode(read(path), from: path, as: type)
  }

  /// The same of a part of a file that was read.
  static func decode<T: Decodable>(_ value: JSONValue, from path: String, as type: T.Type) throws(AscendError) -> T {
    do {
      return try value.decode(type)
    } catch {
      throw AscendError(
        "config.invalid", "The file does not fit its schema", object: path, cause: String(describing: error))
    }
  }

  private static func json(_ node: Node) throws -> JSONValue {
    switch node {
    case .mapping(let mapping):
      var members: [String: JSONValue] = [:]
      for (key, value) in mapping {
        guard let name = key.string else {
          throw AscendError("config.invalid", "A key is not text", object: "\(key)")
        }
        members[name] = try json(value)
      }
      return .object(members)
    case .sequence(let sequence): return .array(try sequence.map(json))
    case .scalar(let scalar): return self.scalar(scalar, node)
    case .alias:
      throw AscendError("config.invalid", "YAML aliases are not taken")
    }
  }

  private static func scalar(_ scalar: Node.Scalar, _ node: Node) -> JSONValue {
    // A quoted scalar is text, whatever it looks like.
    guard scalar.style == .plain || scalar.style == .any else { return .string(scalar.string) }
    if node.null != nil { return .null }
    if let value = node.bool { return .bool(value) }
    if let value = Int64(scalar.string) { return .integer(value) }
    if let value = node.float { return .number(value) }
    return .string(scalar.string)
  }
}
