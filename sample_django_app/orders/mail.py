from django.core.mail import send_mail
from django.template.loader import render_to_string


def send_order_confirmation(order):
    send_mail(
        subject=f"Your order {order.id}",
        message=render_to_string("orders/confirmation.txt", {"order": order}),
        from_email=None,
        recipient_list=[order.user.email],
    )
