/// Which of the platform's hardware a machine gets.
public enum HardwarePolicy: String, Codable, Hashable, Sendable, CaseIterable {
  /// The platform's first choice that the guest has, or can be given, drivers for.
  case preferred
  /// Emulated controllers and network interfaces that about every guest has drivers for. The guest is given those of the
  /// first choice all the same, so that the machine can be moved to it once it runs.
  case safe
}
