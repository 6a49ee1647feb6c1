import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0005_quality'),
    ]

    operations = [
        migrations.CreateModel(
            name='CardPart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('layout', models.CharField(max_length=16)),
                ('card', models.TextField(blank=True, db_index=True, default='')),
                ('clip', models.TextField()),
                ('clip_key', models.CharField(db_index=True, max_length=64)),
                ('recording', models.CharField(db_index=True, max_length=64)),
                ('role', models.CharField(max_length=8)),
                ('order', models.BigIntegerField(default=0)),
                ('span', models.BigIntegerField(default=0)),
                ('track', models.PositiveSmallIntegerField(default=0)),
                ('sounds', models.PositiveSmallIntegerField(default=0)),
                ('follows', models.BooleanField(default=False)),
                ('goes_on', models.BooleanField(default=False)),
                ('title', models.TextField(blank=True, default='')),
                ('device', models.TextField(blank=True, default='')),
                ('timecode', models.CharField(blank=True, default='', max_length=12)),
                ('timecode_rate_numerator', models.PositiveIntegerField(default=0)),
                ('timecode_rate_denominator', models.PositiveIntegerField(default=1)),
                ('drop', models.BooleanField(default=False)),
                ('noted', models.BooleanField(default=False)),
                ('asset', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='card_part', to='catalog.asset')),
            ],
            options={
                'ordering': ['recording', 'order', 'clip', 'role', 'track', 'id'],
            },
        ),
    ]
