/// One change of a registry hive. Keys are named from the hive's root, their parts apart.
enum RegistryEdit: Sendable, Hashable {
  /// Makes the key and its parents where they are missing. The empty name is the key's default value.
  case set([String], String, RegistryValue)
  case makeKey([String])
  /// Removes a key with all that is in it, where it exists.
  case deleteKey([String])

  var key: [String] {
    switch self {
    case .set(let key, _, _), .makeKey(let key), .deleteKey(let key): key
    }
  }
}

/// The edits of one machine, by hive.
struct RegistryEdits: Sendable, Hashable {
  var system: [RegistryEdit] = []
  var software: [RegistryEdit] = []

  static func + (left: Self, right: Self) -> Self {
    Self(system: left.system + right.system, software: left.software + right.software)
  }
}
