import Support

/// What edits that depend on the present state are made from.
protocol RegistryReading {
  func value(_ key: [String], _ name: String) throws(AscendError) -> RegistryValue?
  func has(_ key: [String]) throws(AscendError) -> Bool
}

extension RegistryHive: RegistryReading {}
