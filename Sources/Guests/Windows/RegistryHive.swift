import CGuestfs
import Foundation
import Glibc
import Support

/// An open registry hive of the guest. libguestfs reads and writes it inside the appliance, one at a time.
final class RegistryHive {
  /// Of one value that is read. Those that matter here have a few kilobytes.
  private static let maxValueBytes = 1 << 20
  /// Of a hive, which is held in the appliance's memory while it is changed. Those of large servers have a few hundred
  /// megabytes at most.
  private static let maxHiveBytes: Int64 = 512 << 20

  private let guest: GuestfsHandle
  private let path: String
  private let root: Int64
  /// Keys that were looked up. A deletion forgets them all.
  private var known: [String: Int64] = [:]

  /// Opens a hive for as long as `body` runs. Not to be nested: libguestfs has one open at a time.
  ///
  /// - Throws: `guest.registryDamaged`.
  static func with<Value>(
    _ guest: GuestfsHandle, _ path: String, writable: Bool = false,
    _ body: (RegistryHive) throws(AscendError) -> Value
  ) throws(AscendError) -> Value {
    let hive = try RegistryHive(guest, path, writable: writable)
    defer { _ = guestfs_hivex_close(guest.raw) }
    return try body(hive)
  }

  private init(_ guest: GuestfsHandle, _ path: String, writable: Bool) throws(AscendError) {
    self.guest = guest
    self.path = path
    do throws(AscendError) {
      // A link would be followed out of the guest's filesystem, into that of the appliance.
      guard try guest.isFile(path) else {
        throw AscendError("guest.callFailed", "The hive is no regular file", object: path)
      }
      let bytes = try guest.size(path)
      guard bytes <= Self.maxHiveBytes else {
        throw AscendError("guest.callFailed", "The hive has \(bytes) bytes, more than any of Windows", object: path)
      }
      try guest.run("opening the registry", path) { ascend_guestfs_hivex_open($0, path, writable ? 1 : 0) }
      root = try Self.number(guest, "reading the registry", path) { guestfs_hivex_root($0) }
    } catch {
      throw Self.damaged(error, path)
    }
  }

  func value(_ key: [String], _ name: String) throws(AscendError) -> RegistryValue? {
    guard let node = try node(key) else { return nil }
    return try value(of: node, name)
  }

  func has(_ key: [String]) throws(AscendError) -> Bool { try node(key) != nil }

  /// The names of a key's subkeys; none where there is no such key.
  func children(_ key: [String], limit: Int) throws(AscendError) -> [String] {
    guard let node = try node(key) else { return [] }
    try guest.checkpoint()
    guard let list = guestfs_hivex_node_children(guest.raw, node) else { throw failure() }
    defer { guestfs_free_hivex_node_list(list) }
    var names: [String] = []
    for place in 0..<min(limit, Int(list.pointee.len)) {
      let child = list.pointee.val[place].hivex_node_h
      names.append(
        try checked { () throws(AscendError) in
          try guest.text("reading the registry", path) { guestfs_hivex_node_name($0, child) }
        })
    }
    return names
  }

  /// Whether the hive says already what `edit` would make it say.
  func satisfies(_ edit: RegistryEdit) throws(AscendError) -> Bool {
    switch edit {
    case .set(let key, let name, let wanted): try value(key, name) == wanted
    case .makeKey(let key): try has(key)
    case .deleteKey(let key): try !has(key)
    }
  }

  func apply(_ edit: RegistryEdit) throws(AscendError) {
    switch edit {
    case .makeKey(let key): _ = try make(key)
    case .set(let key, let name, let value):
      let node = try make(key)
      let failed = value.bytes.withUnsafeBufferPointer { bytes in
        bytes.withMemoryRebound(to: CChar.self) {
          guestfs_hivex_node_set_value(guest.raw, node, name, value.type, $0.baseAddress, bytes.count)
        }
      }
      guard failed == 0 else { throw failure() }
    case .deleteKey(let key):
      guard let node = try node(key) else { return }
      try checked { () throws(AscendError) in
        try guest.run("changing the registry", path) { guestfs_hivex_node_delete_child($0, node) }
      }
      known = [:]
    }
  }

  /// Writes the hive. Before that the guest's file is as it was.
  func commit() throws(AscendError) {
    try checked { () throws(AscendError) in
      try guest.run("writing the registry", path) { guestfs_hivex_commit($0, nil) }
    }
  }

  // MARK: Keys

  private func node(_ key: [String]) throws(AscendError) -> Int64? {
    var node = root
    for place in key.indices {
      let name = key[...place].joined(separator: "\\").lowercased()
      if let found = known[name] {
        node = found
        continue
      }
      let parent = node
      let part = key[place]
      node = try checked { () throws(AscendError) in
        try Self.number(guest, "reading the registry", path) { guestfs_hivex_node_get_child($0, parent, part) }
      }
      guard node != 0 else { return nil }
      known[name] = node
    }
    return node
  }

  private func make(_ key: [String]) throws(AscendError) -> Int64 {
    if let node = try node(key) { return node }
    let parent = try key.count > 1 ? make(Array(key.dropLast())) : root
    guard let name = key.last else { return root }
    let node = try checked { () throws(AscendError) in
      try Self.number(guest, "changing the registry", path) { guestfs_hivex_node_add_child($0, parent, name) }
    }
    known[key.joined(separator: "\\").lowercased()] = node
    return node
  }

  private func value(of node: Int64, _ name: String) throws(AscendError) -> RegistryValue? {
    let handle = try checked { () throws(AscendError) in
      try Self.number(guest, "reading the registry", path) { guestfs_hivex_node_get_value($0, node, name) }
    }
    guard handle != 0 else { return nil }
    let type = try checked { () throws(AscendError) in
      try Self.number(guest, "reading the registry", path) { guestfs_hivex_value_type($0, handle) }
    }
    try guest.checkpoint()
    var count = 0
    guard let bytes = guestfs_hivex_value_value(guest.raw, handle, &count) else { throw failure() }
    defer { free(bytes) }
    guard count <= Self.maxValueBytes else {
      throw Self.damaged(
        AscendError("guest.callFailed", "A value is too large", object: name, cause: "\(name) has \(count) bytes"), path
      )
    }
    return RegistryValue(type: type, bytes: [UInt8](UnsafeRawBufferPointer(start: bytes, count: count)))
  }

  private static func number(
    _ guest: GuestfsHandle, _ action: String, _ object: String, _ call: (OpaquePointer) -> Int64
  ) throws(AscendError) -> Int64 {
    try guest.checkpoint()
    let result = call(guest.raw)
    guard result != -1 else { throw guest.failure(action, object) }
    return result
  }

  // MARK: Failures

  private func checked<Value>(_ body: () throws(AscendError) -> Value) throws(AscendError) -> Value {
    do {
      return try body()
    } catch {
      throw Self.damaged(error, path)
    }
  }

  private func failure() -> AscendError { Self.damaged(guest.failure("reading the registry", path), path) }

  /// A refusal of hivex means that the hive is not whole; a dead appliance means something else.
  private static func damaged(_ error: AscendError, _ path: String) -> AscendError {
    guard error.code == "guest.callFailed" else { return error }
    return AscendError(
      "guest.registryDamaged", "A registry hive of the guest is damaged", object: path,
      cause: error.cause ?? error.message,
      remedy: "Let Windows start on the source machine, which mends it from its logs, shut it down and back it up again"
    )
  }
}
