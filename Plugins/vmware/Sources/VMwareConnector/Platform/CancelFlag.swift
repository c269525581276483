import Synchronization

/// Tells code off the cooperative threads that its task was cancelled.
final class CancelFlag: Sendable {
  private let raised = Atomic<Bool>(false)
  var isRaised: Bool { raised.load(ordering: .relaxed) }
  func raise() { raised.store(true, ordering: .relaxed) }
}
