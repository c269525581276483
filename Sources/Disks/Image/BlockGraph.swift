import ConnectorProtocol
import Foundation

/// Chains as qemu's block nodes.
enum BlockGraph {
  /// The node of `layers` (base first) on top of `below`.
  static func node(of layers: ArraySlice<ImageLayer>, below: JSONValue?) -> JSONValue {
    var backing = below
    for layer in layers { backing = node(of: layer, backing: backing) }
    return backing ?? .null
  }

  /// The node of one layer. A format that knows backing files gets an explicit one, or an explicit none.
  static func node(of layer: ImageLayer, backing: JSONValue?) -> JSONValue {
    guard let inner = layer.inner else { return plainNode(of: layer, backing: backing) }
    return [
      "driver": .string(inner.rawValue), "file": plainNode(of: layer, backing: backing), "backing": .null,
    ]
  }

  private static func plainNode(of layer: ImageLayer, backing: JSONValue?) -> JSONValue {
    if let remote = layer.remote { return node(of: remote) }
    if let index = layer.index, !layer.isAssembled {
      return [
        "driver": "qcow2", "file": ["driver": "vmdk", "file": file(index), "backing": .null],
        "backing": backing ?? .null,
      ]
    }
    var members: [String: JSONValue] = ["driver": .string(layer.format.rawValue)]
    if layer.format == .raw, !layer.isAssembled, let offset = layer.offset {
      members["offset"] = .integer(offset)
      if let length = layer.length { members["size"] = .integer(padded(length)) }
      members["file"] = file(layer.path)
    } else {
      members["file"] = storage(of: layer)
    }
    if layer.format == .qcow2 || layer.format == .vmdk { members["backing"] = backing ?? .null }
    if layer.format == .qcow2, let bytes = QcowTables.entryBytes(of: layer) {
      members["l2-cache-entry-size"] = .integer(bytes)
    }
    // The geometry in a VHD's footer cannot express every size; the size field beside it can.
    if layer.format == .vpc { members["force_size_calc"] = "current_size" }
    return .object(members)
  }

  /// Always raw, whatever its first bytes look like. A connection that is lost is an error at once: whoever offers the
  /// image is gone, and another will offer it to another reader.
  private static func node(of remote: RemoteImage) -> JSONValue {
    [
      "driver": "raw",
      "file": [
        "driver": "nbd", "server": ["type": "unix", "path": .string(remote.socket ?? "")], "export": "",
      ],
    ]
  }

  static func file(_ path: String) -> JSONValue {
    ["driver": "file", "filename": .string(path)]
  }

  static func name(_ node: JSONValue) -> String {
    // Encoding a JSON value cannot fail; the empty node that would stand in is refused by every tool.
    let text = (try? CanonicalJSON.encode(node)).map { String(decoding: $0, as: UTF8.self) }
    return "json:" + (text ?? "{}")
  }

  private static func storage(of layer: ImageLayer) -> JSONValue {
    if layer.isAssembled, let index = layer.index {
      // Unpacked it is a plain file; in pieces it is a flat VMDK of them.
      return layer.compression == nil ? ["driver": "vmdk", "file": file(index), "backing": .null] : file(index)
    }
    guard let offset = layer.offset else { return file(layer.path) }
    var members: [String: JSONValue] = ["driver": "raw", "offset": .integer(offset), "file": file(layer.path)]
    if let length = layer.length { members["size"] = .integer(padded(length)) }
    return .object(members)
  }

  /// qemu reads whole sectors; the archive pads its members to sectors too.
  private static func padded(_ length: Int64) -> Int64 { (length + 511) / 512 * 512 }
}
