package schema

// Comment is the comment on an object.
type Comment struct {
	On   ID
	Text string
}

// ID implements [Object].
func (c *Comment) ID() ID { return CommentID(c.On) }
func (*Comment) object()  {}
