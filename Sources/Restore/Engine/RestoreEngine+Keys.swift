import ConnectorProtocol
import Guests
import Support

extension RestoreEngine {
  /// The keys that a restore was given, read anew each time that the disks are opened: a job keeps only where they are.
  ///
  /// - Throws: `key.unreadable`, `key.unusable`, and `key.gone` for one of standard input where nobody can give it again.
  func diskKeys(_ options: RestoreOptions) throws(AscendError) -> [DiskKey] { try diskKeys(options.keys ?? []) }

  func diskKeys(_ references: [DiskKeyReference]) throws(AscendError) -> [DiskKey] {
    var keys: [DiskKey] = []
    for reference in references { keys.append(try DiskKey(reference, input: keyInput)) }
    return keys
  }
}

extension GuestFacts {
  /// The keys that are typed while the guest is booted: none where it has nothing encrypted, and no reason to ask.
  func typed(_ keys: [DiskKey]) -> [DiskKey] { encryption?.isEmpty == false ? keys : [] }
}
