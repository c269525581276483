import Support

/// What is asked of a machine's disks to tell one from another; the appliance answers.
protocol DeviceReading {
  /// The whole disks, the first one first.
  func disks() throws(AscendError) -> [String]
  /// Every filesystem or container of one, with its type.
  func filesystems() throws(AscendError) -> [(key: String, value: String)]
  /// What blkid says of a device.
  func blkid(_ device: String) throws(AscendError) -> [String: String]
  /// Encrypted volumes that were opened, under their names.
  var openedNames: [String] { get }
}

extension GuestfsHandle: DeviceReading {
  var openedNames: [String] { opened.map(\.mapped) }
}
